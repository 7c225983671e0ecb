namespace Gateway.Guardrails.Engine.Detection;

/// <summary>When a policy's rules have to be done. Without a clock: never.</summary>
internal readonly struct Deadline(TimeProvider? clock, int milliseconds)
{
    private readonly long _start = clock?.GetTimestamp() ?? 0;

    public bool IsOver => clock is not null && clock.GetElapsedTime(_start).TotalMilliseconds > milliseconds;
}
