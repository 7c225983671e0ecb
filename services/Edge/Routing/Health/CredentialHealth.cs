namespace Gateway.Edge.Routing.Health;

/// <summary>
/// How one credential fares. A provider that refuses it retires it until its secret is changed; one that is asked too often lets it cool. The object belongs to
/// one secret: a changed one gets a new object.
/// </summary>
internal sealed class CredentialHealth(string fingerprint, RoutingState state, TimeProvider time)
{
    private long _coolsUntil;
    private string? _retired;

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
            return null;
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

    /// <summary>Takes over what another edge found out.</summary>
    public void CoolAsTold(DateTimeOffset until) =>
        CoolUntil(Math.Min(until.UtcTicks, time.GetUtcNow().AddMilliseconds(state.Settings.MaxCooldownMs).UtcTicks));

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
