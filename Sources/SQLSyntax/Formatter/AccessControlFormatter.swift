import SQLTypes

/// roles and privileges
extension SQLFormatter {
    mutating func print(_ principal: Principal) {
        if principal.kind != .unspecified { add(principal.kind.rawValue + " ") }
        print(principal.name)
    }

    private mutating func print(_ grantor: Grantor) {
        switch grantor {
        case .principal(let principal): print(principal)
        case .currentUser: add("CURRENT_USER")
        case .currentRole: add("CURRENT_ROLE")
        }
    }

    private mutating func print(_ object: GrantObject) {
        if let kind = object.kind {
            print(kind)
            add(" ")
        }
        print(object.name)
    }

    private mutating func printPrivileges(_ privileges: [Identifier]?) {
        if let privileges { list(privileges) { $0.print($1) } } else { add("ALL PRIVILEGES") }
    }

    private mutating func print(_ grantor: Grantor?, catalog: Identifier?) {
        if let grantor {
            add(" GRANTED BY ")
            print(grantor)
        }
        if let catalog { add(" IN ", catalog) }
    }

    mutating func print(_ statement: AccessControl) {
        switch statement {
        case .createRole(let name, let admin, let catalog):
            add("CREATE ROLE ", name)
            if let admin {
                add(" WITH ADMIN ")
                print(admin)
            }
            print(nil, catalog: catalog)
        case .dropRole(let name, let catalog):
            add("DROP ROLE ", name)
            print(nil, catalog: catalog)
        case .setRole(let choice, let catalog):
            add("SET ROLE ")
            switch choice {
            case .all: add("ALL")
            case .none: add("NONE")
            case .role(let name): print(name)
            }
            print(nil, catalog: catalog)
        case .grantRoles(let roles, let principals, let withAdminOption, let grantor, let catalog):
            add("GRANT ")
            list(roles) { $0.print($1) }
            add(" TO ")
            list(principals) { $0.print($1) }
            if withAdminOption { add(" WITH ADMIN OPTION") }
            print(grantor, catalog: catalog)
        case .revokeRoles(let roles, let principals, let adminOptionOnly, let grantor, let catalog):
            add(adminOptionOnly ? "REVOKE ADMIN OPTION FOR " : "REVOKE ")
            list(roles) { $0.print($1) }
            add(" FROM ")
            list(principals) { $0.print($1) }
            print(grantor, catalog: catalog)
        case .grantPrivileges(let privileges, let object, let principal, let withGrantOption):
            add("GRANT ")
            printPrivileges(privileges)
            add(" ON ")
            print(object)
            add(" TO ")
            print(principal)
            if withGrantOption { add(" WITH GRANT OPTION") }
        case .revokePrivileges(let privileges, let object, let principal, let grantOptionOnly):
            add(grantOptionOnly ? "REVOKE GRANT OPTION FOR " : "REVOKE ")
            printPrivileges(privileges)
            add(" ON ")
            print(object)
            add(" FROM ")
            print(principal)
        case .deny(let privileges, let object, let principal):
            add("DENY ")
            printPrivileges(privileges)
            add(" ON ")
            print(object)
            add(" TO ")
            print(principal)
        case .showGrants(let object):
            add("SHOW GRANTS")
            if let object {
                add(" ON ")
                print(object)
            }
        case .showRoles(let currentOnly, let catalog):
            add(currentOnly ? "SHOW CURRENT ROLES" : "SHOW ROLES")
            if let catalog { add(" FROM ", catalog) }
        case .showRoleGrants(let catalog):
            add("SHOW ROLE GRANTS")
            if let catalog { add(" FROM ", catalog) }
        case .setDatabaseAuthorization(let name, let principal):
            add("ALTER SCHEMA ", name)
            add(" SET AUTHORIZATION ")
            print(principal)
        case .setViewAuthorization(let name, let principal):
            add("ALTER VIEW ", name)
            add(" SET AUTHORIZATION ")
            print(principal)
        }
    }
}
