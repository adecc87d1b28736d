import Events
import Dialects

extension DialectName {
    /// Whether the token comes as the first message, not in the query.
    var authenticatesByMessage: Bool {
        switch self {
        case .jobs, .presence, .topics: false
        case .tasks: true
        }
    }

    /// Whether a connection must belong to a user, so that the fixed token is not enough.
    var needsUser: Bool {
        switch self {
        case .jobs, .topics: false
        case .tasks, .presence: true
        }
    }
}
