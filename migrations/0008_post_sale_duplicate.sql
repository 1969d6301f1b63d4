-- sale_of_number took its place.
DROP INDEX CONCURRENTLY IF EXISTS sale_duplicate;
