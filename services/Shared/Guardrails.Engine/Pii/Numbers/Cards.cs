namespace Gateway.Guardrails.Engine.Pii.Numbers;

/// <summary>Card numbers by the ranges of their issuers and the Luhn digit.</summary>
internal static class Cards
{
    public static bool IsCard(ReadOnlySpan<char> digits)
    {
        if (digits.Length is < 13 or > 19 || !CheckDigits.Vary(digits) || !CheckDigits.Luhn(digits))
        {
            return false;
        }

        var (two, four) = (CheckDigits.Two(digits, 0), (int)CheckDigits.Number(digits[..4]));
        return (two, four, digits.Length) switch
        {
            (34 or 37, _, 15) => true, // American Express
            (>= 40 and <= 49, _, 13 or 16 or 19) => true, // Visa
            (>= 51 and <= 55, _, 16) => true, // Mastercard
            (_, >= 2221 and <= 2720, 16) => true, // Mastercard
            (_, 6011, 16 or 19) => true, // Discover
            (_, >= 6440 and <= 6599, 16 or 19) => true, // Discover
            (36 or 38 or 39, _, 14 or 16 or 19) => true, // Diners
            (_, >= 3000 and <= 3059, 14 or 16) => true, // Diners
            (_, >= 3528 and <= 3589, >= 16) => true, // JCB
            (62, _, >= 16) => true, // UnionPay
            (81, _, >= 16) => true, // UnionPay
            (50 or (>= 56 and <= 58) or 63 or 67, _, _) => true, // Maestro
            (60, _, 16) => true, // RuPay
            (_, >= 2200 and <= 2204, >= 16) => true, // Mir
            (_, 9792, 16) => true, // Troy
            _ => false,
        };
    }
}
