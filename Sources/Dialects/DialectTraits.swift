public import Events

/// What sets a dialect apart from the others, for whoever serves its connections.
///
/// Code outside of `Dialects` asks a dialect for its traits, and never which dialect it is.
public struct DialectTraits: Sendable, Equatable {
    /// What a client is told first, once its token is good.
    public enum Greeting: Sendable {
        /// ``ServerMessage/welcome(clientID:heartbeatMilliseconds:)``, at once.
        case welcome
        /// ``ServerMessage/authenticated(user:username:sessionID:expiresAt:request:)``, at once.
        case authenticated
        /// ``ServerMessage/connected(user:username:onlineCount:)``, as soon as its user is counted; and again whenever the
        /// count is told anew.
        case onlineCount
    }

    /// Which sign in the query of the handshake a client gives that it speaks the dialect.
    public let address: DialectAddress
    /// Whether the token comes as the client's first message; otherwise it comes with the handshake.
    public let authenticatesByMessage: Bool
    /// Whether a connection must belong to a user, so that the fixed token is not enough.
    public let needsUser: Bool
    /// What a client is told first.
    public let greeting: Greeting
    /// The kinds of personal channels that a connection follows by itself, those of its user and of the user's teams.
    public let rooms: Set<ChannelName.Kind>
    /// Whether clients acknowledge events that ask for it, and are sent them again until then:
    /// ``Dialect/messageID(of:)``.
    public let acknowledges: Bool
    /// What a client is told before it is closed because its user has too many connections.
    public let tooManyConnections: FaultCode

    init(
        address: DialectAddress, authenticatesByMessage: Bool = false, needsUser: Bool, greeting: Greeting,
        rooms: Set<ChannelName.Kind>, acknowledges: Bool = false, tooManyConnections: FaultCode = .invalidOperation
    ) {
        self.address = address
        self.authenticatesByMessage = authenticatesByMessage
        self.needsUser = needsUser
        self.greeting = greeting
        self.rooms = rooms
        self.acknowledges = acknowledges
        self.tooManyConnections = tooManyConnections
    }
}

/// How a handshake says without a subprotocol which dialect it wants: by its path, and by a name in its query.
public struct DialectAddress: Sendable, Equatable {
    /// The path of the WebSocket.
    public let path: String
    /// One of these names stands in the query. Empty: the dialect is spoken where no other one of the path is named.
    public let queryNames: Set<String>

    init(_ path: String, queryNames: Set<String> = []) {
        self.path = path
        self.queryNames = queryNames
    }
}
