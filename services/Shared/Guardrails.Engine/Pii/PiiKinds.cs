using Gateway.Guardrails.Engine.Pii.Numbers;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Pii;

/// <summary>What the detector <c>pii</c> knows.</summary>
internal static class PiiKinds
{
    public const string Custom = "custom";

    public static IReadOnlyList<DetectorKind> All { get; } =
    [
        new("email", "e-mail addresses"),
        new("phone", "phone numbers, by the international numbering plan, by how numbers are written, and by words near them"),
        new("credit_card", "card numbers: ranges of the issuers, Luhn digit"),
        new("iban", "IBANs: country, length, mod 97"),
        new("swift", "SWIFT and BIC codes, after words that say so"),
        new("bank_account", "account numbers, after words that say so"),
        new("us_ssn", "US social security numbers"),
        new("us_itin", "US individual taxpayer numbers"),
        .. NationalIds.All.DistinctBy(static id => id.Kind).Select(static id => new DetectorKind(id.Kind, $"national number of {id.Country}")),
        new("passport", "passport numbers, after words that say so"),
        new("driver_license", "driving licence numbers, after words that say so"),
        new("medical_record", "medical record and health numbers, after words that say so"),
        new("insurance_number", "insurance and member numbers, after words that say so"),
        new("ip_address", "IPv4 and IPv6 addresses"),
        new("mac_address", "MAC addresses"),
        new("url", "URLs with a scheme or www"),
        new("crypto_address", "addresses of Bitcoin, Litecoin, Dogecoin, Ethereum, Tron, Ripple and Cardano, by their checksums"),
        new("date_of_birth", "dates, near words that say they are of birth"),
        new("date_time", "other dates and times", IsDefault: false),
        new("address", "postal and street addresses"),
        new("person", "names of persons"),
        new("organization", "names of organisations"),
        new("location", "names of places"),
        new(Custom, "the rule's own terms and patterns"),
    ];
}
