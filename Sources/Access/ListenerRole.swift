/// What a port is for: which requests the connections that come in by it may make.
public enum ListenerRole: Sendable {
    /// The only port serves everything.
    case everything
    /// The public port of a node that has an internal one too.
    case clients
    /// The internal port serves metrics, health and the list of nodes, nothing else.
    case operators
}
