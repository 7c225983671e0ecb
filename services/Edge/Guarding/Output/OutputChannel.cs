using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Changes;
using Gateway.Guardrails.Engine.Policies;
using Gateway.Guardrails.Engine.Streams;

namespace Gateway.Edge.Guarding.Output;

/// <summary>One text of an answer on its way to the caller: the rules look at what the provider wrote, then what was taken out of the request is put back.</summary>
internal sealed class OutputChannel : IDisposable
{
    private readonly StreamGuard _guard;
    private readonly RestoringStream? _restore;
    private ulong _came = 17;
    private ulong _went = 17;

    public OutputChannel(PolicySet policies, GuardrailScope place, GuardContext context, PseudonymRestorer? restorer, string? tool = null, bool isJson = false)
    {
        _guard = new StreamGuard(policies, place, GuardSource.Assistant, tool, isJson, context);
        _restore = restorer is { IsEmpty: false } ? new RestoringStream(restorer, isJson) : null;
    }

    /// <summary>True once nothing more of it may pass.</summary>
    public bool IsStopped => _guard.IsStopped;

    /// <summary>Characters kept back.</summary>
    public int Held => _guard.Held + (_restore?.Held ?? 0);

    /// <summary>What the rules came to.</summary>
    public GuardOutcome Outcome => _guard.Outcome;

    /// <summary>True when what passed is not what came. Known at its end.</summary>
    public bool IsChanged => _came != _went || _guard.IsStopped;

    /// <summary>True when rules changed it, so that it is no longer what its author signed.</summary>
    public bool IsRewritten => _guard.Outcome.IsChanged;

    /// <summary>Takes a piece and gives what may pass.</summary>
    public string Push(string text)
    {
        _came = Mixed(_came, text);
        var passed = Restored(_guard.Push(text), isLast: IsStopped);
        _went = Mixed(_went, passed);
        return passed;
    }

    /// <summary>Takes the end and gives the rest.</summary>
    public string Complete()
    {
        var passed = Restored(_guard.Complete(), isLast: true);
        _went = Mixed(_went, passed);
        return passed;
    }

    public void Dispose() => _guard.Dispose();

    private string Restored(string passed, bool isLast) =>
        _restore is null ? passed : isLast ? _restore.Push(passed) + _restore.Complete() : _restore.Push(passed);

    // The same for a text however it is cut.
    private static ulong Mixed(ulong mix, string text)
    {
        foreach (var c in text)
        {
            mix = unchecked((mix * 0x9E3779B97F4A7C15) + c + 1);
        }

        return mix;
    }
}
