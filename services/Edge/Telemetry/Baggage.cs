namespace Gateway.Edge.Telemetry;

/// <summary>Reads W3C baggage: of others' members only those that name the session and the user.</summary>
internal static class Baggage
{
    /// <summary>The member that names a session.</summary>
    public const string Session = "session.id";

    private const int MostBytes = 8_192;
    private const int MostValue = 256;
    private static readonly string[] _users = ["user.id", "enduser.id"];

    /// <summary>The session and the user.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Members(string baggage)
    {
        if (Find(baggage, Session) is { Length: > 0 } session)
        {
            yield return new(Session, session);
        }

        if (User(baggage) is { Length: > 0 } user)
        {
            yield return new(_users[0], user);
        }
    }

    /// <summary>The user, by <c>user.id</c> or <c>enduser.id</c>; empty for none.</summary>
    public static string User(string baggage)
    {
        foreach (var name in _users)
        {
            if (Find(baggage, name) is { Length: > 0 } user)
            {
                return user;
            }
        }

        return "";
    }

    /// <summary>The value of a member; empty where there is none or it is too long. What is wrong with baggage is not this gateway's to refuse.</summary>
    public static string Find(string baggage, string name)
    {
        if (baggage.Length > MostBytes)
        {
            return "";
        }

        foreach (var range in baggage.AsSpan().Split(','))
        {
            var member = baggage.AsSpan()[range];
            var properties = member.IndexOf(';');
            member = properties < 0 ? member : member[..properties];
            var equals = member.IndexOf('=');
            if (equals > 0 && member[..equals].Trim().SequenceEqual(name))
            {
                var value = Uri.UnescapeDataString(member[(equals + 1)..].Trim().ToString());
                return value.Length <= MostValue && !value.Any(char.IsControl) ? value : "";
            }
        }

        return "";
    }
}
