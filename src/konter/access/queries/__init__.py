"""All SQL of access, by what it serves. Rows of users are changed only under the lock that `lock_user` takes."""
