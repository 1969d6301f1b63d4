-- What 0002 and 0009 promised of new rows, looked up for the old ones: a scan of each that locks out nobody, which in the
-- transactions that added the columns would have kept every sale waiting.
ALTER TABLE sale
    VALIDATE CONSTRAINT sale_route_check,
    VALIDATE CONSTRAINT sale_done_is_delivered,
    VALIDATE CONSTRAINT sale_refunded_has_reason,
    VALIDATE CONSTRAINT sale_checking_can_end;
ALTER TABLE reversal
    VALIDATE CONSTRAINT reversal_state_check,
    VALIDATE CONSTRAINT reversal_approved_is_held,
    VALIDATE CONSTRAINT reversal_done_at;
