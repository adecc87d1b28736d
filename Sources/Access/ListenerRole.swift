/// The purpose of a port: which requests its connections may make.
public enum ListenerRole: Sendable {
    /// The only port, which serves everything.
    case everything
    /// The public port of a node that also has an internal one.
    case clients
    /// The internal port, which serves only metrics, health and the list of nodes.
    case operators
}
