import SQLTypes

/// databases and tables of both dialects
extension SQLFormatter {
    mutating func printTableStatement(_ statement: Statement) {
        switch statement {
        case .createDatabase(let create):
            add(create.ifNotExists ? "CREATE DATABASE IF NOT EXISTS " : "CREATE DATABASE ", create.name)
            printString(create.comment, after: "COMMENT")
            printString(create.location, after: "LOCATION")
            if !create.properties.isEmpty {
                add(" WITH DBPROPERTIES ")
                print(create.properties)
            }
            printWith(create.trinoProperties)
        case .setDatabaseProperties(let name, let properties):
            add("ALTER DATABASE ", name)
            add(" SET DBPROPERTIES ")
            print(properties)
        case .renameDatabase(let name, let new):
            add("ALTER DATABASE ", name)
            add(" RENAME TO ", new)
        case .dropDatabase(let name, let ifExists, let cascades):
            add(ifExists ? "DROP DATABASE IF EXISTS " : "DROP DATABASE ", name)
            if cascades { add(" CASCADE") }
        case .createExternalTable(let create): print(create)
        case .createTable(let create):
            printCreateTable(create.orReplace, create.ifNotExists, create.name)
            add(" ")
            parenthesised(create.elements) { $0.print($1) }
            printString(create.comment, after: "COMMENT")
            printWith(create.properties)
        case .createTableAs(let create):
            printCreateTable(create.orReplace, create.ifNotExists, create.name)
            if let columns = create.columns {
                add(" ")
                print(columns)
            }
            printString(create.comment, after: "COMMENT")
            printWith(create.properties)
            add(" AS ")
            print(create.query)
            if !create.withData { add(" WITH NO DATA") }
        case .dropTable(let name, let ifExists): add(ifExists ? "DROP TABLE IF EXISTS " : "DROP TABLE ", name)
        case .truncateTable(let name): add("TRUNCATE TABLE ", name)
        case .alterTable(let alter): print(alter)
        case .repairTable(let name, let mode):
            add("MSCK REPAIR TABLE ", name)
            if mode != .add { add(" \(mode.rawValue) PARTITIONS") }
        case .comment(let target, let name, let text):
            add("COMMENT ON \(target.rawValue) ", name)
            add(" IS ")
            if let text { printString(text) } else { add("NULL") }
        default: break
        }
    }

    private mutating func printCreateTable(_ orReplace: Bool, _ ifNotExists: Bool, _ name: QualifiedName) {
        add(orReplace ? "CREATE OR REPLACE TABLE " : "CREATE TABLE ")
        if ifNotExists { add("IF NOT EXISTS ") }
        print(name)
    }

    private mutating func print(_ element: TableElement) {
        switch element {
        case .column(let column): print(column)
        case .like(let name, let includes):
            add("LIKE ", name)
            if let includes { add(includes ? " INCLUDING PROPERTIES" : " EXCLUDING PROPERTIES") }
        }
    }

    private mutating func print(_ column: ColumnDefinition) {
        print(column.name)
        add(" ")
        print(column.type)
        if column.isNotNull { add(" NOT NULL") }
        printString(column.comment, after: "COMMENT")
        printWith(column.properties)
    }

    // MARK: Hive

    private mutating func print(_ column: HiveColumn) {
        print(column.name)
        add(" ")
        typeDialect = .hive
        print(column.type)
        typeDialect = .trino
        printString(column.comment, after: "COMMENT")
    }

    private mutating func print(_ create: CreateExternalTable) {
        add(create.isExternal ? "CREATE EXTERNAL TABLE " : "CREATE TABLE ")
        if create.ifNotExists { add("IF NOT EXISTS ") }
        print(create.name)
        if !create.columns.isEmpty {
            add(" ")
            parenthesised(create.columns) { $0.print($1) }
        }
        printString(create.comment, after: "COMMENT")
        if !create.partitionedBy.isEmpty {
            add(" PARTITIONED BY ")
            parenthesised(create.partitionedBy) { $0.print($1) }
        }
        if let clustering = create.clusteredBy {
            add(" CLUSTERED BY ")
            print(clustering.columns)
            if !clustering.sortedBy.isEmpty {
                add(" SORTED BY ")
                parenthesised(clustering.sortedBy) { formatter, column in
                    formatter.print(column.name)
                    if column.isDescending { formatter.add(" DESC") }
                }
            }
            add(" INTO \(clustering.bucketCount) BUCKETS")
        }
        // After ROW FORMAT SERDE these properties would read as its own.
        let comesFirst = create.storedAs == nil
        if !create.serdeProperties.isEmpty, comesFirst {
            add(" WITH SERDEPROPERTIES ")
            print(create.serdeProperties)
        }
        if let rowFormat = create.rowFormat { print(rowFormat) }
        switch create.storedAs {
        case nil: break
        case .format(let name): add(" STORED AS ", name)
        case .classes(let input, let output):
            printString(input, after: "STORED AS INPUTFORMAT")
            printString(output, after: "OUTPUTFORMAT")
        }
        if !create.serdeProperties.isEmpty, !comesFirst {
            add(" WITH SERDEPROPERTIES ")
            print(create.serdeProperties)
        }
        printString(create.location, after: "LOCATION")
        if !create.properties.isEmpty {
            add(" TBLPROPERTIES ")
            print(create.properties)
        }
    }

    private mutating func print(_ element: CreateExternalTable.PartitionElement) {
        switch element {
        case .column(let column): print(column)
        case .identity(let name): print(name)
        case .transform(let name, let parameter, let column):
            print(name)
            add("(")
            if let parameter { add("\(parameter), ") }
            print(column)
            add(")")
        }
    }

    private mutating func print(_ format: CreateExternalTable.RowFormat) {
        switch format {
        case .serde(let name, let properties):
            printString(name, after: "ROW FORMAT SERDE")
            if !properties.isEmpty {
                add(" WITH SERDEPROPERTIES ")
                print(properties)
            }
        case .delimited(let delimited):
            add(" ROW FORMAT DELIMITED")
            printString(delimited.fields, after: "FIELDS TERMINATED BY")
            printString(delimited.escape, after: "ESCAPED BY")
            printString(delimited.collectionItems, after: "COLLECTION ITEMS TERMINATED BY")
            printString(delimited.mapKeys, after: "MAP KEYS TERMINATED BY")
            printString(delimited.lines, after: "LINES TERMINATED BY")
            printString(delimited.null, after: "NULL DEFINED AS")
        }
    }

    // MARK: ALTER TABLE

    mutating func print(_ specification: PartitionSpecification) {
        parenthesised(specification) { formatter, part in
            formatter.print(part.column)
            guard let value = part.value else { return }
            if let upper = part.upper {
                formatter.add(" BETWEEN ")
                formatter.print(value)
                formatter.add(" AND ")
                formatter.print(upper)
            } else {
                formatter.add(" \(part.comparison.rawValue) ")
                formatter.print(value)
            }
        }
    }

    private mutating func print(_ alter: AlterTable) {
        add(alter.ifExists ? "ALTER TABLE IF EXISTS " : "ALTER TABLE ", alter.name)
        if let partition = alter.partition {
            add(" PARTITION ")
            print(partition)
        }
        add(" ")
        switch alter.action {
        case .addPartitions(let partitions, let ifNotExists):
            add(ifNotExists ? "ADD IF NOT EXISTS" : "ADD")
            for partition in partitions {
                add(" PARTITION ")
                print(partition.specification)
                printString(partition.location, after: "LOCATION")
            }
        case .dropPartitions(let specifications, let ifExists):
            add(ifExists ? "DROP IF EXISTS " : "DROP ")
            list(specifications) { formatter, specification in
                formatter.add("PARTITION ")
                formatter.print(specification)
            }
        case .renamePartition(let specification):
            add("RENAME TO PARTITION ")
            print(specification)
        case .addColumns(let columns):
            add("ADD COLUMNS ")
            parenthesised(columns) { $0.print($1) }
        case .replaceColumns(let columns):
            add("REPLACE COLUMNS ")
            parenthesised(columns) { $0.print($1) }
        case .changeColumn(let change):
            add("CHANGE COLUMN ", change.old)
            add(" ")
            print(change.new)
            switch change.placement {
            case nil: break
            case .first: add(" FIRST")
            case .after(let name): add(" AFTER ", name)
            }
        case .setLocation(let location):
            add("SET LOCATION ")
            printString(location)
        case .setProperties(let properties):
            add("SET TBLPROPERTIES ")
            print(properties)
        case .unsetProperties(let keys, let ifExists):
            add(ifExists ? "UNSET TBLPROPERTIES IF EXISTS " : "UNSET TBLPROPERTIES ")
            parenthesised(keys) { $0.printString($1) }
        case .renameTable(let name): add("RENAME TO ", name)
        case .dropColumn(let name, let ifExists): add(ifExists ? "DROP COLUMN IF EXISTS " : "DROP COLUMN ", name)
        case .addColumn(let column, let ifNotExists):
            add(ifNotExists ? "ADD COLUMN IF NOT EXISTS " : "ADD COLUMN ")
            print(column)
        case .renameColumn(let old, let new, let ifExists):
            add(ifExists ? "RENAME COLUMN IF EXISTS " : "RENAME COLUMN ", old)
            add(" TO ", new)
        case .setColumnType(let name, let type):
            add("ALTER COLUMN ", name)
            add(" SET DATA TYPE ")
            print(type)
        case .dropNotNull(let name):
            add("ALTER COLUMN ", name)
            add(" DROP NOT NULL")
        case .setAuthorization(let principal):
            add("SET AUTHORIZATION ")
            print(principal)
        case .setTrinoProperties(let properties):
            add("SET PROPERTIES ")
            list(properties) { $0.printProperty($1) }
        case .execute(let name, let arguments, let condition):
            add("EXECUTE ", name)
            if !arguments.isEmpty { print(arguments) }
            printWhere(condition)
        case .unsupported(_, let text): add(text)
        }
    }
}
