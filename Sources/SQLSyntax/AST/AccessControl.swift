import SQLTypes

/// Roles and privileges: parsed so that they can be refused by name.
public enum AccessControl: Hashable, Sendable {
    case createRole(Identifier, admin: Grantor?, catalog: Identifier?)
    case dropRole(Identifier, catalog: Identifier?)
    case setRole(RoleChoice, catalog: Identifier?)
    case grantRoles([Identifier], to: [Principal], withAdminOption: Bool, grantedBy: Grantor?, catalog: Identifier?)
    case revokeRoles(
        [Identifier], from: [Principal], adminOptionOnly: Bool, grantedBy: Grantor?, catalog: Identifier?)
    /// Nil privileges are ALL PRIVILEGES.
    case grantPrivileges([Identifier]?, on: GrantObject, to: Principal, withGrantOption: Bool)
    case revokePrivileges([Identifier]?, on: GrantObject, from: Principal, grantOptionOnly: Bool)
    case deny([Identifier]?, on: GrantObject, to: Principal)
    case showGrants(on: GrantObject?)
    case showRoles(currentOnly: Bool, catalog: Identifier?)
    case showRoleGrants(catalog: Identifier?)
    case setDatabaseAuthorization(QualifiedName, Principal)
    case setViewAuthorization(QualifiedName, Principal)
}

public enum RoleChoice: Hashable, Sendable {
    case all
    case none
    case role(Identifier)
}

public struct Principal: Hashable, Sendable {
    public var kind: Kind
    public var name: Identifier

    public enum Kind: String, Hashable, Sendable {
        case unspecified = "", user = "USER", role = "ROLE"
    }
}

public enum Grantor: Hashable, Sendable {
    case principal(Principal)
    case currentUser
    case currentRole
}

/// `[TABLE|SCHEMA|kind] name`.
public struct GrantObject: Hashable, Sendable {
    public var kind: Identifier?
    public var name: QualifiedName
}
