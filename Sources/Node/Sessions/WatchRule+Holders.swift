import Access
import Events
import Token

extension Identity {
    /// Whether its holder may watch `channel`. The fixed token and the development token may watch all.
    func mayWatch(_ channel: ChannelName, owner: String?, rule: WatchRule) -> Bool {
        guard case .user(let claims) = self else { return true }
        return rule.admits(claims, to: channel, owner: owner)
    }
}

extension Caller {
    /// Whether the maker of a request may watch `channel`. The API key and the development token may watch all.
    func mayWatch(_ channel: ChannelName, owner: String?, rule: WatchRule) -> Bool {
        guard case .user(let claims) = self else { return true }
        return rule.admits(claims, to: channel, owner: owner)
    }
}
