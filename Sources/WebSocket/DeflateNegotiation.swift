/// Offers and agreements of permessage-deflate (RFC 7692 7.1).
///
/// Both sides always reset their window between messages: so a connection holds no state of zlib, and all viewers share
/// a compressed frame.
struct DeflateParameters {
    static let name = "permessage-deflate"
    /// The offer as a client, and the beginning of the answer as a server.
    static let withoutTakeover = "\(name); server_no_context_takeover; client_no_context_takeover"

    private(set) var serverForgets = false
    private(set) var serverWindowBits: Int?
    private(set) var clientWindowBitsNamed = false

    /// Nil for another extension, or with a parameter that is unknown, duplicated or malformed: such an offer is
    /// declined, such an answer refused (RFC 7692 7.1).
    init?(_ item: ExtensionItem) {
        let names = item.parameters.map(\.name)
        guard item.name == Self.name, Set(names).count == names.count else { return nil }
        for parameter in item.parameters {
            guard accept(parameter) else { return nil }
        }
    }

    private mutating func accept(_ parameter: ExtensionItem.Parameter) -> Bool {
        switch (parameter.name, parameter.value) {
        case ("server_no_context_takeover", nil): serverForgets = true
        case ("client_no_context_takeover", nil): break
        case ("client_max_window_bits", nil): clientWindowBitsNamed = true
        case ("client_max_window_bits", let value?):
            clientWindowBitsNamed = true
            return Self.windowBits(value) != nil
        case ("server_max_window_bits", let value?):
            serverWindowBits = Self.windowBits(value)
            return serverWindowBits != nil
        default: return false
        }
        return true
    }

    /// 8 to 15, without leading zeros (RFC 7692 7.1.2).
    private static func windowBits(_ text: String) -> Int? {
        Int(text).flatMap { (8...15).contains($0) && String($0) == text ? $0 : nil }
    }

    /// The result on the server's side.
    struct Agreement: Equatable {
        /// The extension in its answer.
        let answer: String
        /// The window of its messages.
        let windowBits: Int
    }

    /// The server's answer to the first offer that it can accept, nil when there is none.
    static func answer(to offers: [ExtensionItem]) -> Agreement? {
        for case let offer? in offers.map(DeflateParameters.init) {
            guard let bits = offer.serverWindowBits else {
                return Agreement(answer: withoutTakeover, windowBits: Deflater.widestWindowBits)
            }
            // zlib cannot promise a window of 8 bits: the next offer may be another.
            guard bits >= Deflater.narrowestWindowBits else { continue }
            // RFC 7692 7.1.2.1: a server that accepts an offer with this parameter answers with it.
            return Agreement(answer: withoutTakeover + "; server_max_window_bits=\(bits)", windowBits: bits)
        }
        return nil
    }

    /// Whether a server's answer fits the offer. It must reset its window, since the inflater does; it may name a
    /// window of its own (RFC 7692 7.1.2.1), but not the client's, which was not offered (7.1.2.2).
    var isAnswerToOurOffer: Bool { serverForgets && !clientWindowBitsNamed }
}
