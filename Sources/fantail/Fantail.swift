@main struct Fantail { static func main() {} }
