-- What was promised of new rows, looked up for the old ones: a scan of each that locks out nobody.
ALTER TABLE username VALIDATE CONSTRAINT username_kind_check;
ALTER TABLE session VALIDATE CONSTRAINT session_kind_check;
ALTER TABLE login VALIDATE CONSTRAINT login_has_outlet;
ALTER TABLE staff_user VALIDATE CONSTRAINT staff_enrolled_has_secret;
