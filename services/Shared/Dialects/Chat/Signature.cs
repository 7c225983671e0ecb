namespace Gateway.Dialects.Chat;

/// <summary>
/// Opaque bytes of a provider that must come back to it unchanged in the next turn, and mean nothing to any other. When a caller speaks another dialect
/// than the provider, the value is handed out in that dialect's own place for such things, with the origin in front; read again, it finds its way home.
/// </summary>
/// <param name="Origin">The dialect whose provider made it.</param>
/// <param name="Value">The bytes as the provider wrote them.</param>
public sealed record Signature(DialectId Origin, string Value)
{
    private const string Mark = "gw1:";

    /// <summary>The value to hand to a caller who speaks <paramref name="caller"/>.</summary>
    public string For(DialectId caller) => caller == Origin ? Value : $"{Mark}{(int)Origin}:{Value}";

    /// <summary>Reads what a caller who speaks <paramref name="caller"/> sent back.</summary>
    public static Signature Read(DialectId caller, string value)
    {
        if (value.StartsWith(Mark, StringComparison.Ordinal) && value.IndexOf(':', Mark.Length) is > 0 and var colon
            && int.TryParse(value.AsSpan(Mark.Length, colon - Mark.Length), out var origin) && Enum.IsDefined((DialectId)origin))
        {
            return new Signature((DialectId)origin, value[(colon + 1)..]);
        }

        return new Signature(caller, value);
    }
}
