/// The metastore's schema, as steps that are run once each, in order; `PRAGMA user_version` counts them.
///
/// Only add steps. Properties are JSON objects of strings. `partitions.spec` is the values joined by U+001F, the key
/// that the unique index finds; `partition_values` serves conditions on single keys.
enum Migrations {
    static let steps: [String] = [
        """
        CREATE TABLE databases (
            name TEXT PRIMARY KEY, comment TEXT, location TEXT, parameters TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE tables (
            id INTEGER PRIMARY KEY, database TEXT NOT NULL REFERENCES databases(name), name TEXT NOT NULL,
            kind TEXT NOT NULL, comment TEXT, owner TEXT, view_text TEXT, view_database TEXT,
            location TEXT NOT NULL, input_format TEXT NOT NULL, output_format TEXT NOT NULL, serde TEXT NOT NULL,
            serde_parameters TEXT NOT NULL, storage_parameters TEXT NOT NULL, parameters TEXT NOT NULL,
            bucket_columns TEXT NOT NULL, bucket_count INTEGER, created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL, UNIQUE (database, name)
        );
        CREATE TABLE columns (
            table_id INTEGER NOT NULL REFERENCES tables(id) ON DELETE CASCADE, is_partition_key INTEGER NOT NULL,
            position INTEGER NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, comment TEXT, parameters TEXT NOT NULL,
            PRIMARY KEY (table_id, is_partition_key, position)
        ) WITHOUT ROWID;
        CREATE TABLE partitions (
            id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL REFERENCES tables(id) ON DELETE CASCADE,
            spec TEXT NOT NULL, location TEXT NOT NULL, storage_id INTEGER NOT NULL REFERENCES partition_storages(id),
            parameters TEXT NOT NULL, created_at INTEGER NOT NULL, UNIQUE (table_id, spec)
        );
        CREATE TABLE partition_storages (
            id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL REFERENCES tables(id) ON DELETE CASCADE,
            storage TEXT NOT NULL, UNIQUE (table_id, storage)
        );
        CREATE TABLE partition_values (
            table_id INTEGER NOT NULL, position INTEGER NOT NULL, value TEXT NOT NULL,
            partition_id INTEGER NOT NULL REFERENCES partitions(id) ON DELETE CASCADE,
            PRIMARY KEY (table_id, position, value, partition_id)
        ) WITHOUT ROWID;
        CREATE INDEX partition_values_by_partition ON partition_values(partition_id);
        CREATE TABLE column_statistics (
            table_id INTEGER NOT NULL REFERENCES tables(id) ON DELETE CASCADE, column_name TEXT NOT NULL,
            statistics TEXT NOT NULL, PRIMARY KEY (table_id, column_name)
        ) WITHOUT ROWID;
        CREATE TABLE crawlers (
            name TEXT PRIMARY KEY, configuration TEXT NOT NULL, created_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE crawler_runs (
            id TEXT PRIMARY KEY, crawler TEXT NOT NULL, state TEXT NOT NULL, started_at INTEGER NOT NULL,
            finished_at INTEGER, report TEXT
        ) WITHOUT ROWID;
        CREATE INDEX crawler_runs_by_crawler ON crawler_runs(crawler, started_at);
        CREATE TABLE crawled_files (
            crawler TEXT NOT NULL, path TEXT NOT NULL, byte_count INTEGER NOT NULL, modified INTEGER NOT NULL,
            schema TEXT NOT NULL, PRIMARY KEY (crawler, path)
        ) WITHOUT ROWID;
        CREATE TABLE query_history (
            id TEXT PRIMARY KEY, workgroup TEXT NOT NULL, sql TEXT NOT NULL, database TEXT NOT NULL,
            kind TEXT NOT NULL, state TEXT NOT NULL, reason TEXT, submitted_at INTEGER NOT NULL,
            completed_at INTEGER, details TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX query_history_by_time ON query_history(submitted_at);
        CREATE TABLE workgroups (name TEXT PRIMARY KEY, configuration TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE prepared_statements (
            workgroup TEXT NOT NULL, name TEXT NOT NULL, sql TEXT NOT NULL, description TEXT,
            updated_at INTEGER NOT NULL, PRIMARY KEY (workgroup, name)
        ) WITHOUT ROWID;
        CREATE TABLE named_queries (
            id TEXT PRIMARY KEY, workgroup TEXT NOT NULL, name TEXT NOT NULL, description TEXT,
            database TEXT NOT NULL, sql TEXT NOT NULL
        ) WITHOUT ROWID;
        INSERT INTO databases VALUES ('default', NULL, NULL, '{}');
        INSERT INTO workgroups VALUES ('primary', '{}');
        """,
        """
        CREATE TABLE catalog_version (version INTEGER NOT NULL);
        INSERT INTO catalog_version VALUES (0);
        """,
        """
        CREATE TABLE classifiers (name TEXT PRIMARY KEY, configuration TEXT NOT NULL) WITHOUT ROWID;
        """,
    ]
}
