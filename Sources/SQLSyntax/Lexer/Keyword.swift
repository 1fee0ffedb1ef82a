/// Every word that a rule of either dialect names. The lists of `grammar/keywords` say the same; a test compares them.
public enum Keyword: String, CaseIterable, Hashable, Sendable {
    case absent = "ABSENT", add = "ADD", admin = "ADMIN", after = "AFTER", all = "ALL", alter = "ALTER"
    case analyze = "ANALYZE", and = "AND", any = "ANY", archive = "ARCHIVE", array = "ARRAY", `as` = "AS"
    case asc = "ASC", at = "AT", authorization = "AUTHORIZATION", begin = "BEGIN", bernoulli = "BERNOULLI"
    case between = "BETWEEN", bigint = "BIGINT", binary = "BINARY", binPack = "BIN_PACK", boolean = "BOOLEAN"
    case both = "BOTH", buckets = "BUCKETS", by = "BY", call = "CALL", called = "CALLED", cascade = "CASCADE"
    case `case` = "CASE", cashe = "CASHE", cast = "CAST", catalog = "CATALOG", catalogs = "CATALOGS"
    case change = "CHANGE", char = "CHAR", clustered = "CLUSTERED", collection = "COLLECTION", column = "COLUMN"
    case columns = "COLUMNS", comment = "COMMENT", commit = "COMMIT", committed = "COMMITTED", compact = "COMPACT"
    case compactions = "COMPACTIONS", concatenate = "CONCATENATE", conditional = "CONDITIONAL", conf = "CONF"
    case constraint = "CONSTRAINT", copartition = "COPARTITION", count = "COUNT", create = "CREATE", cross = "CROSS"
    case cube = "CUBE", current = "CURRENT", currentCatalog = "CURRENT_CATALOG", currentDate = "CURRENT_DATE"
    case currentPath = "CURRENT_PATH", currentRole = "CURRENT_ROLE", currentSchema = "CURRENT_SCHEMA"
    case currentTime = "CURRENT_TIME", currentTimestamp = "CURRENT_TIMESTAMP", currentUser = "CURRENT_USER"
    case cursor = "CURSOR", data = "DATA", database = "DATABASE", databases = "DATABASES", date = "DATE", day = "DAY"
    case dayofweek = "DAYOFWEEK", dbproperties = "DBPROPERTIES", deallocate = "DEALLOCATE", decimal = "DECIMAL"
    case declare = "DECLARE", `default` = "DEFAULT", define = "DEFINE", defined = "DEFINED", definer = "DEFINER"
    case delete = "DELETE", delimited = "DELIMITED", deny = "DENY", desc = "DESC", describe = "DESCRIBE"
    case descriptor = "DESCRIPTOR", deterministic = "DETERMINISTIC", dialect = "DIALECT", disable = "DISABLE"
    case distinct = "DISTINCT", distributed = "DISTRIBUTED", div = "DIV", `do` = "DO", double = "DOUBLE"
    case drop = "DROP", `else` = "ELSE", elseif = "ELSEIF", empty = "EMPTY", enable = "ENABLE", encoding = "ENCODING"
    case end = "END", error = "ERROR", escape = "ESCAPE", escaped = "ESCAPED", except = "EXCEPT"
    case exchange = "EXCHANGE", excluding = "EXCLUDING", execute = "EXECUTE", exists = "EXISTS", explain = "EXPLAIN"
    case export = "EXPORT", extended = "EXTENDED", external = "EXTERNAL", extract = "EXTRACT", `false` = "FALSE"
    case fetch = "FETCH", fields = "FIELDS", fileformat = "FILEFORMAT", filter = "FILTER", final = "FINAL"
    case first = "FIRST", float = "FLOAT", floor = "FLOOR", following = "FOLLOWING", `for` = "FOR", force = "FORCE"
    case foreign = "FOREIGN", format = "FORMAT", formatted = "FORMATTED", from = "FROM", full = "FULL"
    case function = "FUNCTION", functions = "FUNCTIONS", grace = "GRACE", grant = "GRANT", granted = "GRANTED"
    case grants = "GRANTS", graphviz = "GRAPHVIZ", group = "GROUP", grouping = "GROUPING", groups = "GROUPS"
    case having = "HAVING", hour = "HOUR", `if` = "IF", ignore = "IGNORE", immediate = "IMMEDIATE"
    case `import` = "IMPORT", `in` = "IN", including = "INCLUDING", index = "INDEX", indexes = "INDEXES"
    case initial = "INITIAL", inner = "INNER", input = "INPUT", inputformat = "INPUTFORMAT", insert = "INSERT"
    case int = "INT", integer = "INTEGER", intersect = "INTERSECT", interval = "INTERVAL", into = "INTO"
    case invoker = "INVOKER", io = "IO", `is` = "IS", isolation = "ISOLATION", items = "ITEMS", iterate = "ITERATE"
    case join = "JOIN", json = "JSON", jsonArray = "JSON_ARRAY", jsonExists = "JSON_EXISTS"
    case jsonObject = "JSON_OBJECT", jsonQuery = "JSON_QUERY", jsonTable = "JSON_TABLE", jsonValue = "JSON_VALUE"
    case keep = "KEEP", key = "KEY", keys = "KEYS", lambda = "LAMBDA", language = "LANGUAGE", last = "LAST"
    case lateral = "LATERAL", leading = "LEADING", leave = "LEAVE", left = "LEFT", less = "LESS", level = "LEVEL"
    case like = "LIKE", limit = "LIMIT", lines = "LINES", listagg = "LISTAGG", load = "LOAD", local = "LOCAL"
    case localtime = "LOCALTIME", localtimestamp = "LOCALTIMESTAMP", location = "LOCATION", lock = "LOCK"
    case locks = "LOCKS", logical = "LOGICAL", loop = "LOOP", macro = "MACRO", map = "MAP", match = "MATCH"
    case matched = "MATCHED", matches = "MATCHES", matchRecognize = "MATCH_RECOGNIZE", materialized = "MATERIALIZED"
    case measures = "MEASURES", merge = "MERGE", minute = "MINUTE", month = "MONTH", more = "MORE", msck = "MSCK"
    case multi = "MULTI", natural = "NATURAL", nested = "NESTED", next = "NEXT", nfc = "NFC", nfd = "NFD"
    case nfkc = "NFKC", nfkd = "NFKD", no = "NO", none = "NONE", normalize = "NORMALIZE", not = "NOT", null = "NULL"
    case nullif = "NULLIF", nulls = "NULLS", numeric = "NUMERIC", object = "OBJECT", of = "OF", offset = "OFFSET"
    case omit = "OMIT", on = "ON", one = "ONE", only = "ONLY", optimize = "OPTIMIZE", option = "OPTION", or = "OR"
    case order = "ORDER", ordinality = "ORDINALITY", out = "OUT", outer = "OUTER", output = "OUTPUT"
    case outputformat = "OUTPUTFORMAT", over = "OVER", overflow = "OVERFLOW", overwrite = "OVERWRITE"
    case partialscan = "PARTIALSCAN", partition = "PARTITION", partitioned = "PARTITIONED", partitions = "PARTITIONS"
    case passing = "PASSING", past = "PAST", path = "PATH", pattern = "PATTERN", per = "PER", percent = "PERCENT"
    case period = "PERIOD", permute = "PERMUTE", plan = "PLAN", position = "POSITION", preceding = "PRECEDING"
    case precision = "PRECISION", prepare = "PREPARE", preserve = "PRESERVE", primary = "PRIMARY"
    case principals = "PRINCIPALS", privileges = "PRIVILEGES", procedure = "PROCEDURE", properties = "PROPERTIES"
    case protected = "PROTECTED", prune = "PRUNE", purge = "PURGE", quotes = "QUOTES", range = "RANGE", read = "READ"
    case reads = "READS", recover = "RECOVER", recursive = "RECURSIVE", reduce = "REDUCE", references = "REFERENCES"
    case refresh = "REFRESH", regexp = "REGEXP", reload = "RELOAD", rename = "RENAME", repair = "REPAIR"
    case `repeat` = "REPEAT", repeatable = "REPEATABLE", replace = "REPLACE", reset = "RESET", respect = "RESPECT"
    case restrict = "RESTRICT", `return` = "RETURN", returning = "RETURNING", returns = "RETURNS", revoke = "REVOKE"
    case rewrite = "REWRITE", right = "RIGHT", rlike = "RLIKE", role = "ROLE", roles = "ROLES", rollback = "ROLLBACK"
    case rollup = "ROLLUP", row = "ROW", rows = "ROWS", running = "RUNNING", scalar = "SCALAR", schema = "SCHEMA"
    case schemas = "SCHEMAS", second = "SECOND", security = "SECURITY", seek = "SEEK", select = "SELECT"
    case serde = "SERDE", serdeproperties = "SERDEPROPERTIES", serializable = "SERIALIZABLE", session = "SESSION"
    case set = "SET", sets = "SETS", show = "SHOW", skewed = "SKEWED", skip = "SKIP", smallint = "SMALLINT"
    case some = "SOME", sorted = "SORTED", start = "START", stats = "STATS", stored = "STORED", string = "STRING"
    case `struct` = "STRUCT", subset = "SUBSET", substring = "SUBSTRING", sync = "SYNC", system = "SYSTEM"
    case table = "TABLE", tables = "TABLES", tablesample = "TABLESAMPLE", tblproperties = "TBLPROPERTIES"
    case temporary = "TEMPORARY", terminated = "TERMINATED", text = "TEXT", then = "THEN", ties = "TIES"
    case time = "TIME", timestamp = "TIMESTAMP", to = "TO", touch = "TOUCH", trailing = "TRAILING"
    case transaction = "TRANSACTION", transactions = "TRANSACTIONS", transform = "TRANSFORM", trigger = "TRIGGER"
    case trim = "TRIM", `true` = "TRUE", truncate = "TRUNCATE", tryCast = "TRY_CAST", type = "TYPE"
    case uescape = "UESCAPE", unarchive = "UNARCHIVE", unbounded = "UNBOUNDED", uncommitted = "UNCOMMITTED"
    case unconditional = "UNCONDITIONAL", union = "UNION", uniontype = "UNIONTYPE", unique = "UNIQUE"
    case uniquejoin = "UNIQUEJOIN", unknown = "UNKNOWN", unload = "UNLOAD", unlock = "UNLOCK"
    case unmatched = "UNMATCHED", unnest = "UNNEST", unset = "UNSET", until = "UNTIL", update = "UPDATE", use = "USE"
    case user = "USER", using = "USING", utcTimestamp = "UTC_TIMESTAMP", utf16 = "UTF16", utf32 = "UTF32"
    case utf8 = "UTF8", vacuum = "VACUUM", validate = "VALIDATE", value = "VALUE", values = "VALUES"
    case varchar = "VARCHAR", verbose = "VERBOSE", version = "VERSION", view = "VIEW", views = "VIEWS", when = "WHEN"
    case `where` = "WHERE", `while` = "WHILE", window = "WINDOW", with = "WITH", within = "WITHIN"
    case without = "WITHOUT", work = "WORK", wrapper = "WRAPPER", write = "WRITE", year = "YEAR", zone = "ZONE"

    /// Whether Trino refuses the word as an unquoted name.
    public var isReserved: Bool {
        switch self {
        case .alter, .and, .as, .between, .by, .case, .cast, .constraint, .create, .cross, .cube, .currentCatalog,
            .currentDate, .currentPath, .currentRole, .currentSchema, .currentTime, .currentTimestamp,
            .currentUser, .deallocate, .delete, .describe, .distinct, .drop, .else, .end, .escape, .except,
            .execute, .exists, .extract, .false, .for, .from, .full, .group, .grouping, .having, .in, .inner,
            .insert, .intersect, .into, .is, .join, .jsonArray, .jsonExists, .jsonObject, .jsonQuery, .jsonTable,
            .jsonValue, .left, .like, .listagg, .localtime, .localtimestamp, .natural, .normalize, .not, .null,
            .on, .or, .order, .outer, .prepare, .recursive, .right, .rollup, .select, .skip, .table, .then,
            .trim, .true, .uescape, .union, .unnest, .using, .values, .when, .where, .with:
            true
        default: false
        }
    }

    /// Whether Hive DDL refuses the word as an unquoted name.
    public var isReservedInHive: Bool {
        switch self {
        case .all, .alter, .and, .array, .as, .authorization, .between, .bigint, .binary, .boolean, .both, .by,
            .case, .cashe, .cast, .char, .column, .commit, .conf, .constraint, .create, .cross, .cube, .current,
            .currentDate, .currentTimestamp, .cursor, .database, .date, .dayofweek, .decimal, .delete, .describe,
            .distinct, .div, .double, .drop, .else, .end, .exchange, .exists, .extended, .external, .extract,
            .false, .fetch, .float, .floor, .following, .for, .foreign, .from, .full, .function, .grant, .group,
            .grouping, .having, .if, .import, .in, .inner, .insert, .int, .integer, .intersect, .interval, .into,
            .is, .join, .lateral, .left, .less, .like, .local, .macro, .map, .more, .none, .not, .null, .numeric,
            .of, .on, .only, .or, .order, .out, .outer, .over, .partialscan, .partition, .percent, .preceding,
            .precision, .preserve, .primary, .procedure, .range, .reads, .reduce, .references, .regexp, .revoke,
            .right, .rlike, .rollback, .rollup, .row, .rows, .select, .set, .smallint, .start, .table,
            .tablesample, .then, .time, .timestamp, .to, .transform, .trigger, .true, .truncate, .unbounded,
            .union, .uniquejoin, .update, .user, .using, .utcTimestamp, .values, .varchar, .views, .when, .where,
            .window, .with:
            true
        default: false
        }
    }
}
