namespace Gateway.Accounts;

/// <summary>Addresses for mail, as far as they can be judged without sending some.</summary>
public static class EmailAddress
{
    /// <summary>Longest address in characters (RFC 5321, without the brackets).</summary>
    public const int Length = 254;

    /// <summary>True for one part, an <c>@</c>, and another, without spaces.</summary>
    public static bool IsGood(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && at == text.LastIndexOf('@') && at < text.Length - 1 && text.Length <= Length && !text.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c));
    }
}
