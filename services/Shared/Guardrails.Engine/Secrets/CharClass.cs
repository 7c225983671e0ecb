namespace Gateway.Guardrails.Engine.Secrets;

/// <summary>Which characters a part of a secret is made of.</summary>
internal static class CharClass
{
    public static bool Has(char kind, char c) => kind switch
    {
        'd' => char.IsAsciiDigit(c),
        'h' => char.IsAsciiHexDigit(c),
        'l' => char.IsAsciiHexDigitLower(c),
        'a' => char.IsAsciiDigit(c) || char.IsAsciiLetterLower(c),
        'u' => char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c),
        'z' => char.IsAsciiLetterUpper(c) || c is >= '0' and <= '9',
        'w' => char.IsAsciiLetterOrDigit(c),
        'k' => char.IsAsciiLetterOrDigit(c) || c is '_' or '-',
        'b' => char.IsAsciiLetterOrDigit(c) || c is '+' or '/',
        'e' => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '=' or '~',
        _ => char.IsAsciiHexDigit(c) || c == '-',
    };
}
