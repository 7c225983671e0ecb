using Gateway.Routing.Rules;

namespace Gateway.Routing;

/// <summary>One place in which a request may name its session.</summary>
public sealed class SessionSource
{
    private readonly string _kind;
    private readonly string _name;

    private SessionSource(string kind, string name) => (_kind, _name) = (kind, name);

    /// <summary>Reads <c>header:NAME</c>, <c>metadata:NAME</c>, <c>user</c> or <c>key</c>; null for anything else.</summary>
    public static SessionSource? TryParse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var (kind, name) = colon < 0 ? (text, "") : (text[..colon], text[(colon + 1)..]);
        return (kind, name.Length) switch
        {
            ("header" or "metadata", > 0 and <= 128) => new SessionSource(kind, name),
            ("user" or "key", 0) when colon < 0 => new SessionSource(kind, ""),
            _ => null,
        };
    }

    /// <summary>The session's name in a request, or an empty text.</summary>
    public string Read(IRuleFacts facts) => _kind switch
    {
        "header" => facts.Header(_name),
        "metadata" => facts.Metadata(_name),
        "user" => facts.Text(TextFact.User),
        _ => facts.Text(TextFact.Key),
    };
}
