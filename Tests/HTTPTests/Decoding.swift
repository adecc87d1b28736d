import Cuttings
import HTTP
import Testing

/// A decoder's result for an input: its outputs, then the error that ended it.
struct Outcome: Equatable {
    var outputs: [RequestDecoder.Output] = []
    var error: HTTPError?
    var remainder: [UInt8] = []

    var heads: [RequestHead] { outputs.compactMap { if case .head(let head) = $0 { head } else { nil } } }
    var bodies: [String] {
        outputs.compactMap { if case .body(let body) = $0 { String(decoding: body, as: UTF8.self) } else { nil } }
    }
}

/// Decodes requests in every cutting, expects the same of each, and returns that.
func decode(
    _ input: [UInt8], limits: HTTPLimits = HTTPLimits(), sourceLocation: SourceLocation = #_sourceLocation
) -> Outcome {
    let cuttings = Cutting.all(of: input)
    let whole = decode(cuttings[0], limits: limits)
    for cutting in cuttings.dropFirst() {
        #expect(decode(cutting, limits: limits) == whole, "\(cutting.name)", sourceLocation: sourceLocation)
    }
    return whole
}

/// The same for text.
func decode(
    _ input: String, limits: HTTPLimits = HTTPLimits(), sourceLocation: SourceLocation = #_sourceLocation
) -> Outcome {
    decode(Array(input.utf8), limits: limits, sourceLocation: sourceLocation)
}

private func decode(_ cutting: Cutting, limits: HTTPLimits) -> Outcome {
    var decoder = RequestDecoder(limits: limits)
    var outcome = Outcome()
    for piece in cutting.pieces {
        piece.withUnsafeBytes { decoder.append($0) }
        do throws(HTTPError) {
            while let output = try decoder.next() { outcome.outputs.append(output) }
        } catch {
            outcome.error = outcome.error ?? error
        }
    }
    outcome.remainder = decoder.takeRemainder()
    return outcome
}

extension RequestDecoder {
    /// Takes text as received bytes.
    mutating func append(text: String) {
        Array(text.utf8).withUnsafeBytes { append($0) }
    }
}
