"""For tests alone: PostgreSQL's guards against TRUNCATE switched off and on again, as only the tables' owner can."""

_EACH = """
DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
        WHERE tgname = relname || '_no_truncate' AND relnamespace = current_schema()::regnamespace
    LOOP EXECUTE 'ALTER TABLE ' || one.relname || ' {} TRIGGER ' || one.tgname; END LOOP;
END $$;
"""
TRUNCATE_OPEN = _EACH.format("DISABLE")
TRUNCATE_SHUT = _EACH.format("ENABLE")
"""In the same transaction as the TRUNCATE that they stand around."""
