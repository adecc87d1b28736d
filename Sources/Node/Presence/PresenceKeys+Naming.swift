import Presence
import Events
import Tasks

extension PresenceKeys {
    /// The names that presence has beside tasks of this naming.
    init(_ naming: Naming) { self.init(keyPrefix: naming.keyPrefix, channelPrefix: naming.channelPrefix) }
}
