import Storage

/// Files that will be one table, and how they are partitioned.
struct TableCandidate {
    struct Leaf {
        /// Values of the partition keys, outermost first; empty for an unpartitioned table.
        var values: [String]
        /// Absolute folder.
        var path: String
        var files: [FileEntry]
        /// What the files of this folder have in common.
        var schema: SchemaCluster
    }

    /// Folder's or file's name, before it is made a table name.
    var sourceName: String
    /// Absolute folder, or file for a table of one loose file.
    var path: String
    var isFile = false
    var partitionKeys: [String] = []
    var leaves: [Leaf]
    var schema: SchemaCluster
    /// Files below the table's location that are not the table's.
    var strays: [FileEntry] = []
    var reasons: [String] = []
    var warnings: [String] = []
}
