using Gateway.Governance.Access;

namespace Gateway.Governance.Audit;

/// <summary>Who did something, from where, by which request and why.</summary>
internal sealed record AuditOrigin(string ActorId, string ActorName, string ActorRole, string RequestId, string Address, string Reason)
{
    public static AuditOrigin Of(Actor actor, HttpContext? context) => new(
        Clean(actor.Id, 200),
        Clean(actor.Name, 200),
        actor.Role.Name(),
        context is null ? "" : Clean(context.Request.Headers["x-request-id"] is [{ Length: > 0 } given, ..] ? given : context.TraceIdentifier, 100),
        context is null ? "" : Clean(AddressOf(context), 200),
        context is null ? "" : Clean(context.Request.Headers[CurrentOrigin.ReasonHeader].ToString(), 500));

    /// <summary>Bounded, and without what a store cannot keep or a terminal would obey.</summary>
    public static string Clean(string text, int most)
    {
        var cut = text.Length > most ? text[..most] : text;
        return string.Create(cut.Length, cut, static (span, from) =>
        {
            for (var i = 0; i < from.Length; i++)
            {
                var isHalf = char.IsSurrogate(from[i])
                    && !(char.IsHighSurrogate(from[i]) && i + 1 < from.Length && char.IsLowSurrogate(from[i + 1]))
                    && !(char.IsLowSurrogate(from[i]) && i > 0 && char.IsHighSurrogate(from[i - 1]));
                span[i] = char.IsControl(from[i]) || isHalf ? '\uFFFD' : from[i];
            }
        });
    }

    // The edge appends the address it saw, so the last one is its word; the rest, and all of it without an edge before this service, is the caller's.
    private static string AddressOf(HttpContext context)
    {
        var direct = context.Connection.RemoteIpAddress?.ToString() ?? "";
        var told = context.Request.Headers["X-Forwarded-For"].LastOrDefault()?.Split(',', StringSplitOptions.TrimEntries).LastOrDefault();
        return string.IsNullOrEmpty(told) ? direct : $"{told} via {direct}";
    }
}

/// <summary>The origin of what runs now.</summary>
internal sealed class CurrentOrigin(ICurrentActor actor, IHttpContextAccessor accessor)
{
    /// <summary>Header in which callers say why they do what they do.</summary>
    public const string ReasonHeader = "X-Audit-Reason";

    public AuditOrigin Get() => AuditOrigin.Of(actor.Current, accessor.HttpContext);
}
