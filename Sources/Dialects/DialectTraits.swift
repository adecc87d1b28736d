public import Events

/// The properties in which dialects differ, for the code that serves their connections.
///
/// Code outside of `Dialects` asks a dialect for its traits, and never compares dialects.
public struct DialectTraits: Sendable, Equatable {
    /// The first message to a client whose token is good.
    public enum Greeting: Sendable {
        /// ``ServerMessage/welcome(clientID:heartbeatMilliseconds:)``, at once.
        case welcome
        /// ``ServerMessage/authenticated(user:username:sessionID:expiresAt:request:)``, at once.
        case authenticated
        /// ``ServerMessage/connected(user:welcome:onlineCount:)``, once its user is counted; and again whenever
        /// clients are told the count again.
        case onlineCount
    }

    /// How the path and query of the handshake select the dialect.
    public let address: DialectAddress
    /// Whether the client's first message carries the token; otherwise the handshake does.
    public let authenticatesByMessage: Bool
    /// Whether a connection must have a user, so that the fixed token does not suffice.
    public let needsUser: Bool
    /// The first message to a client.
    public let greeting: Greeting
    /// The kinds of personal channels that every connection follows: those of its user and of the user's teams.
    public let rooms: Set<ChannelName.Kind>
    /// Whether clients acknowledge events that ask for it; until then the node sends them again:
    /// ``Dialect/messageID(of:)``.
    public let acknowledges: Bool
    /// The error that a client gets before the node closes it because its user has too many connections.
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

/// How a handshake without a subprotocol selects a dialect: by its path, and by a name in its query.
public struct DialectAddress: Sendable, Equatable {
    /// The path of the WebSocket.
    public let path: String
    /// One of these names is in the query. Empty: the dialect is the path's default.
    public let queryNames: Set<String>

    init(_ path: String, queryNames: Set<String> = []) {
        self.path = path
        self.queryNames = queryNames
    }
}
