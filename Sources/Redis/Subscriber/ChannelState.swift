import RESP

/// Where one channel is between what its owner wants and what Redis has confirmed. At most one command per channel is in
/// flight; a change of mind waits for its confirmation.
///
///                subscribe                 sent                   confirmed
///     (unknown) ───────────> .waiting ───────────> .subscribing ───────────> .subscribed
///                                                    ↕ (un)subscribe            ↕ (un)subscribe
///                           confirmed: .leaving <── .subscribingUnwanted     .leaving
///                                                                               │ sent
///     confirmed: .waiting <── .unsubscribingWanted <── subscribe ── .unsubscribing ── confirmed ──> (unknown)
enum ChannelState: Equatable {
    /// Wanted, not sent yet: no connection, or no room in the window.
    case waiting
    /// Wanted, SUBSCRIBE is in flight.
    case subscribing
    /// No longer wanted, SUBSCRIBE is in flight.
    case subscribingUnwanted
    /// Wanted and confirmed.
    case subscribed
    /// No longer wanted, confirmed; UNSUBSCRIBE is not sent yet.
    case leaving
    /// No longer wanted, UNSUBSCRIBE is in flight.
    case unsubscribing
    /// Wanted again, UNSUBSCRIBE is in flight.
    case unsubscribingWanted
    /// Wanted, but Redis refused it (NOPERM); asked again slowly.
    case refused

    /// Whether the owner wants it.
    var isWanted: Bool {
        switch self {
        case .waiting, .subscribing, .subscribed, .unsubscribingWanted, .refused: true
        case .subscribingUnwanted, .leaving, .unsubscribing: false
        }
    }
}
