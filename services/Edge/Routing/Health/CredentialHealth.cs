namespace Gateway.Edge.Routing.Health;

/// <summary>
/// How one credential fares. A provider that refuses it retires it until its secret is changed; one that is asked too often lets it cool. The object belongs to
/// one secret: a changed one gets a new object.
/// </summary>
internal sealed class CredentialHealth(string fingerprint, RoutingState state, TimeProvider time)
{
    private long _coolsUntil;
    private string? _retired;
    private ToldRest? _told;

    /// <summary>Tells secrets apart without being one.</summary>
    public string Fingerprint { get; } = fingerprint;

    /// <summary>Why it is retired, or null.</summary>
    public string? Retired => Volatile.Read(ref _retired);

    /// <summary>When it has cooled.</summary>
    public DateTimeOffset CoolsUntil => new(Volatile.Read(ref _coolsUntil), TimeSpan.Zero);

    public string? Unavailable(out DateTimeOffset? until)
    {
        until = null;
        if (Retired is { } retired)
        {
            return $"its credential is retired until it is changed: {retired}";
        }

        var cools = Volatile.Read(ref _coolsUntil);
        if (cools == 0 || time.GetUtcNow().UtcTicks >= cools)
        {
            if (Volatile.Read(ref _told) is not { } told || told.Until <= time.GetUtcNow())
            {
                return null;
            }

            until = told.Until;
            return told.Reason;
        }

        until = new DateTimeOffset(cools, TimeSpan.Zero);
        return "its credential cools after a 429";
    }

    public void Retire(string reason)
    {
        if (Interlocked.CompareExchange(ref _retired, reason, null) is null)
        {
            state.Changed();
        }
    }

    public void Cool(TimeSpan wait)
    {
        var bounded = wait.TotalMilliseconds < state.Settings.MaxCooldownMs ? wait : TimeSpan.FromMilliseconds(state.Settings.MaxCooldownMs);
        CoolUntil(time.GetUtcNow().Add(bounded).UtcTicks);
        state.Changed();
    }

    /// <summary>Takes over what other edges say of it at the moment; it is never reported as this edge's own finding.</summary>
    public void Tell(ToldRest? told) => Volatile.Write(ref _told, told);

    private void CoolUntil(long ticks)
    {
        long known;
        do
        {
            known = Volatile.Read(ref _coolsUntil);
        }
        while (ticks > known && Interlocked.CompareExchange(ref _coolsUntil, ticks, known) != known);
    }
}
