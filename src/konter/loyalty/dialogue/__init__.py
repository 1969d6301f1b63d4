"""Points where there is no data: texts to the programme's short number, and its USSD menu."""
