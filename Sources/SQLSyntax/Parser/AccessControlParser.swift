import SQLTypes

/// roles and privileges
extension Parser {
    /// grantor = 'CURRENT_USER' | 'CURRENT_ROLE' | principal ;
    private mutating func parseGrantor() throws(QueryError) -> Grantor {
        if take(.currentUser) { return .currentUser }
        if take(.currentRole) { return .currentRole }
        return .principal(try parsePrincipal())
    }

    private mutating func parseInCatalog() throws(QueryError) -> Identifier? {
        take(.in) ? try parseIdentifier() : nil
    }

    /// createRole = 'CREATE' 'ROLE' identifier [ 'WITH' 'ADMIN' grantor ] [ 'IN' identifier ] ;
    mutating func parseCreateRole() throws(QueryError) -> AccessControl {
        advance()
        let name = try parseIdentifier()
        var admin: Grantor?
        if take(.with) {
            try expect(.admin)
            admin = try parseGrantor()
        }
        return .createRole(name, admin: admin, catalog: try parseInCatalog())
    }

    /// setRole = 'SET' 'ROLE' ( 'ALL' | 'NONE' | identifier ) [ 'IN' identifier ] ;
    mutating func parseSetRole() throws(QueryError) -> AccessControl {
        advance()
        let choice: RoleChoice
        if take(.all) {
            choice = .all
        } else if take(.none) {
            choice = .none
        } else {
            choice = .role(try parseIdentifier())
        }
        return .setRole(choice, catalog: try parseInCatalog())
    }

    /// privileges = privilege { ',' privilege } | 'ALL' 'PRIVILEGES' ; nil for all.
    private mutating func parsePrivileges() throws(QueryError) -> [Identifier]? {
        if take(.all, .privileges) { return nil }
        return try list { parser throws(QueryError) in
            switch parser.token.keyword {
            case .create, .select, .delete, .insert: return try parser.parseAnyWord()
            default: return try parser.parseIdentifier()
            }
        }
    }

    /// grantObject = [ 'TABLE' | 'SCHEMA' | identifier ] qualifiedName ;
    private mutating func parseGrantObject() throws(QueryError) -> GrantObject {
        var kind: Identifier?
        // The TO after the name is no name, unless another TO or a dot follows.
        let endsName = peek().keyword == .to && peek(2).keyword != .to && peek(2).kind != .dot
        if token.keyword == .table || (isIdentifier(token) && isIdentifier(peek()) && !endsName) {
            kind = try parseAnyWord()
        }
        return GrantObject(kind: kind, name: try parseQualifiedName())
    }

    /// grant = 'GRANT' privileges 'ON' grantObject 'TO' principal [ 'WITH' 'GRANT' 'OPTION' ]
    ///       | 'GRANT' roles 'TO' principal { ',' principal } [ 'WITH' 'ADMIN' 'OPTION' ]
    ///         [ 'GRANTED' 'BY' grantor ] [ 'IN' identifier ] ;
    mutating func parseGrant() throws(QueryError) -> AccessControl {
        advance()
        let privileges = try parsePrivileges()
        if take(.on) {
            let object = try parseGrantObject()
            try expect(.to)
            let principal = try parsePrincipal()
            let withOption = take(.with)
            if withOption { try expect(.grant, .option) }
            return .grantPrivileges(privileges, on: object, to: principal, withGrantOption: withOption)
        }
        guard let roles = privileges else { throw mismatch() }
        try expect(.to)
        let principals = try list { parser throws(QueryError) in try parser.parsePrincipal() }
        let withOption = take(.with)
        if withOption { try expect(.admin, .option) }
        let grantor = try parseGrantedBy()
        return .grantRoles(
            roles, to: principals, withAdminOption: withOption, grantedBy: grantor, catalog: try parseInCatalog())
    }

    private mutating func parseGrantedBy() throws(QueryError) -> Grantor? {
        guard take(.granted) else { return nil }
        try expect(.by)
        return try parseGrantor()
    }

    /// revoke = 'REVOKE' [ 'GRANT' 'OPTION' 'FOR' ] privileges 'ON' grantObject 'FROM' principal
    ///        | 'REVOKE' [ 'ADMIN' 'OPTION' 'FOR' ] roles 'FROM' principal { ',' principal }
    ///          [ 'GRANTED' 'BY' grantor ] [ 'IN' identifier ] ;
    mutating func parseRevoke() throws(QueryError) -> AccessControl {
        advance()
        var option: Keyword?
        if token.keyword == .grant || token.keyword == .admin, peek().keyword == .option, peek(2).keyword == .for {
            option = token.keyword
            index += 3
        }
        let privileges = try parsePrivileges()
        if option != .admin, take(.on) {
            let object = try parseGrantObject()
            try expect(.from)
            return .revokePrivileges(
                privileges, on: object, from: try parsePrincipal(), grantOptionOnly: option == .grant)
        }
        guard option != .grant, let roles = privileges else { throw mismatch() }
        try expect(.from)
        let principals = try list { parser throws(QueryError) in try parser.parsePrincipal() }
        let grantor = try parseGrantedBy()
        return .revokeRoles(
            roles, from: principals, adminOptionOnly: option == .admin, grantedBy: grantor,
            catalog: try parseInCatalog())
    }

    /// deny = 'DENY' privileges 'ON' grantObject 'TO' principal ;
    mutating func parseDeny() throws(QueryError) -> AccessControl {
        advance()
        let privileges = try parsePrivileges()
        try expect(.on)
        let object = try parseGrantObject()
        try expect(.to)
        return .deny(privileges, on: object, to: try parsePrincipal())
    }

    /// 'SHOW' ( 'GRANTS' [ 'ON' grantObject ] | [ 'CURRENT' ] 'ROLES' [ in ] | 'ROLE' 'GRANTS' [ in ] )
    mutating func parseShowAccess() throws(QueryError) -> AccessControl {
        if take(.grants) { return .showGrants(on: take(.on) ? try parseGrantObject() : nil) }
        if take(.role) {
            try expect(.grants)
            return .showRoleGrants(catalog: try parseShowCatalog())
        }
        let currentOnly = take(.current)
        try expect(.roles)
        return .showRoles(currentOnly: currentOnly, catalog: try parseShowCatalog())
    }

    private mutating func parseShowCatalog() throws(QueryError) -> Identifier? {
        takeOne(of: .from, .in) == nil ? nil : try parseIdentifier()
    }
}
