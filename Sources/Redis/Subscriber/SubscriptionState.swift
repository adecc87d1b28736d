import RESP

/// The state of one channel between the owner's wish and the confirmation of Redis. At most one command per channel is
/// in flight; the owner's next change waits for its confirmation.
///
///                subscribe                 sent                   confirmed
///     (unknown) ───────────> .waiting ───────────> .subscribing ───────────> .subscribed
///                                                    ↕ (un)subscribe            ↕ (un)subscribe
///                           confirmed: .leaving <── .subscribingUnwanted     .leaving
///                                                                               │ sent
///     confirmed: .waiting <── .unsubscribingWanted <── subscribe ── .unsubscribing ── confirmed ──> (unknown)
enum SubscriptionState: Equatable {
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
    /// Wanted, but Redis refused it (NOPERM); the subscriber retries slowly.
    case refused

    /// Whether the owner wants the channel.
    var isWanted: Bool {
        switch self {
        case .waiting, .subscribing, .subscribed, .unsubscribingWanted, .refused: true
        case .subscribingUnwanted, .leaving, .unsubscribing: false
        }
    }
}
