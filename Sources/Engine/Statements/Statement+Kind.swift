import SQLSyntax

extension Statement {
    /// Athena's kind of the statement.
    var kind: StatementKind {
        switch self {
        case .query, .externalFunctionQuery, .createTableAs, .insert, .unload, .delete, .update, .merge, .optimize,
            .execute, .executeImmediate, .truncateTable, .vacuum:
            .dml
        case .explain, .show, .describe, .describeInput, .describeOutput, .use, .setSession, .resetSession,
            .setTimeZone,
            .setPath, .setSessionAuthorization, .resetSessionAuthorization, .prepare, .deallocate, .startTransaction,
            .commit, .rollback, .call, .analyze:
            .utility
        case .createDatabase, .setDatabaseProperties, .renameDatabase, .dropDatabase, .createExternalTable,
            .createTable,
            .dropTable, .alterTable, .repairTable, .comment, .createView, .dropView, .renameView, .alterViewDialect,
            .createMaterializedView, .refreshMaterializedView, .dropMaterializedView, .renameMaterializedView,
            .setMaterializedViewProperties, .createFunction, .dropFunction, .createCatalog, .dropCatalog,
            .accessControl,
            .unsupported:
            .ddl
        }
    }

    /// A statement that answers with rows.
    var hasResultSet: Bool {
        switch self {
        case .query, .externalFunctionQuery, .explain, .show, .describe, .describeInput, .describeOutput, .repairTable:
            true
        default: false
        }
    }

    /// The statement's first words, for messages.
    var displayName: String {
        switch self {
        case .externalFunctionQuery: "USING EXTERNAL FUNCTION"
        case .renameDatabase: "ALTER DATABASE RENAME"
        case .createTable: "CREATE TABLE with Trino's column list"
        case .createTableAs: "CREATE TABLE AS"
        case .truncateTable: "TRUNCATE TABLE"
        case .comment: "COMMENT ON"
        case .alterViewDialect: "ALTER VIEW DIALECT"
        case .createMaterializedView: "CREATE MATERIALIZED VIEW"
        case .refreshMaterializedView: "REFRESH MATERIALIZED VIEW"
        case .dropMaterializedView: "DROP MATERIALIZED VIEW"
        case .renameMaterializedView, .setMaterializedViewProperties: "ALTER MATERIALIZED VIEW"
        case .insert: "INSERT"
        case .unload: "UNLOAD"
        case .delete: "DELETE"
        case .update: "UPDATE"
        case .merge: "MERGE"
        case .optimize: "OPTIMIZE"
        case .vacuum: "VACUUM"
        case .analyze: "ANALYZE"
        case .setPath: "SET PATH"
        case .setSessionAuthorization: "SET SESSION AUTHORIZATION"
        case .resetSessionAuthorization: "RESET SESSION AUTHORIZATION"
        case .startTransaction: "START TRANSACTION"
        case .commit: "COMMIT"
        case .rollback: "ROLLBACK"
        case .call: "CALL"
        case .createFunction: "CREATE FUNCTION"
        case .dropFunction: "DROP FUNCTION"
        case .createCatalog: "CREATE CATALOG"
        case .dropCatalog: "DROP CATALOG"
        case .accessControl: "GRANT, REVOKE, DENY and roles"
        case .unsupported(let feature, _): feature
        case .query, .explain, .createDatabase, .setDatabaseProperties, .dropDatabase, .createExternalTable, .dropTable,
            .alterTable, .repairTable, .createView, .dropView, .renameView, .show, .describe, .describeInput,
            .describeOutput, .use, .setSession, .resetSession, .setTimeZone, .prepare, .execute, .executeImmediate,
            .deallocate:
            kind.rawValue
        }
    }
}
