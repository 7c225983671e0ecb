namespace Gateway.Accounts;

/// <summary>A place in which a request may name its end user.</summary>
/// <param name="Kind">Which place.</param>
/// <param name="Name">For <see cref="EndUserPlace.Metadata"/>: the member's name; else empty.</param>
public readonly record struct EndUserSource(EndUserPlace Kind, string Name)
{
    /// <summary>What a source looks like; a sentence that goes on after its place.</summary>
    public const string Form = "must be header, user, safety_identifier, baggage or metadata.NAME";

    private const string Prefix = "metadata.";
    private const int MostName = 128;

    /// <summary>Reads <c>header</c>, <c>user</c>, <c>safety_identifier</c>, <c>baggage</c> or <c>metadata.NAME</c>; null for anything else.</summary>
    public static EndUserSource? TryParse(string text) => text switch
    {
        "header" => new(EndUserPlace.Header, ""),
        "user" => new(EndUserPlace.User, ""),
        "safety_identifier" => new(EndUserPlace.SafetyIdentifier, ""),
        "baggage" => new(EndUserPlace.Baggage, ""),
        _ when text.StartsWith(Prefix, StringComparison.Ordinal) && text.Length > Prefix.Length && text.Length <= Prefix.Length + MostName => new(EndUserPlace.Metadata, text[Prefix.Length..]),
        _ => null,
    };
}

/// <summary>Where a request may name its end user.</summary>
public enum EndUserPlace
{
    /// <summary>The header <c>x-gateway-end-user</c>.</summary>
    Header = 1,

    /// <summary>The body's member <c>user</c>.</summary>
    User = 2,

    /// <summary>The body's member <c>safety_identifier</c>.</summary>
    SafetyIdentifier = 3,

    /// <summary>A member of the body's metadata, or of the header <c>x-gateway-metadata</c>.</summary>
    Metadata = 4,

    /// <summary>The member <c>user.id</c> or <c>enduser.id</c> of W3C baggage.</summary>
    Baggage = 5,
}
