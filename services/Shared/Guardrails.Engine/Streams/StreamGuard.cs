using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Detection;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Streams;

/// <summary>
/// Guards one text that comes in pieces, such as one choice of an answer or the arguments of one tool call. Together, what it lets through is exactly what
/// <see cref="GuardEngine"/> makes of the whole text, however it was cut; where a rule blocks, it is what stands before the first thing that blocks. For one thread.
/// </summary>
public sealed class StreamGuard : IDisposable
{
    private readonly GuardText _channel;
    private readonly List<StreamStage> _stages = [];
    private StringBuilder _from = new();
    private StringBuilder _to = new();

    /// <summary>A guard.</summary>
    /// <param name="policies">What to look for. Rules that ask other services are not run: see <see cref="PolicySet.NeedsWhole"/>.</param>
    /// <param name="place">Where the text stands.</param>
    /// <param name="source">Who writes it.</param>
    /// <param name="tool">The tool that is called; null where it is none.</param>
    /// <param name="isJson">True for JSON as on the wire, such as arguments of a tool call.</param>
    /// <param name="context">What it may use besides the text; null: nothing.</param>
    public StreamGuard(PolicySet policies, GuardrailScope place, GuardSource source = GuardSource.Assistant, string? tool = null, bool isJson = false, GuardContext? context = null)
    {
        ArgumentNullException.ThrowIfNull(policies);
        _channel = new GuardText("", place) { Source = source, Tool = tool, IsJson = isJson };
        foreach (var policy in policies.Policies)
        {
            if (policy.LooksAt(place))
            {
                _stages.Add(new StreamStage(policy, _channel, context ?? GuardContext.None));
            }
        }
    }

    /// <summary>True once nothing more may pass: see <see cref="Outcome"/> for why.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>True after <see cref="Complete"/>.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>How many characters are kept back at the moment.</summary>
    public int Held
    {
        get
        {
            var held = 0;
            foreach (var stage in _stages)
            {
                held += stage.Held;
            }

            return held;
        }
    }

    /// <summary>What it has come to so far. Its texts are empty: what passed has been handed out.</summary>
    public GuardOutcome Outcome
    {
        get
        {
            var outcome = GuardOutcome.Untouched([_channel]);
            foreach (var stage in _stages)
            {
                outcome = Outcomes.Then(outcome, stage.Outcome(_channel));
            }

            return outcome;
        }
    }

    /// <summary>Takes the next piece.</summary>
    /// <param name="text">The piece. A character outside the basic plane may be cut in two.</param>
    /// <returns>What may be passed on now; often empty.</returns>
    public string Push(ReadOnlySpan<char> text) => Run(text, isComplete: false);

    /// <summary>Says that nothing follows.</summary>
    /// <returns>The rest of what may be passed on.</returns>
    public string Complete() => Run([], isComplete: true);

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var stage in _stages)
        {
            stage.Dispose();
        }
    }

    private string Run(ReadOnlySpan<char> text, bool isComplete)
    {
        if (IsStopped || IsComplete)
        {
            return "";
        }

        IsComplete = isComplete;
        if (_stages.Count == 0)
        {
            return text.ToString();
        }

        for (var i = 0; i < _stages.Count; i++)
        {
            _to.Clear();
            _stages[i].Push(i == 0 ? text : _from.ToString(), isComplete, _to);
            if (_stages[i].IsStopped)
            {
                // What the later ones still hold passes by their rules as if the text ended here.
                IsStopped = true;
                isComplete = true;
            }

            (_from, _to) = (_to, _from);
        }

        return _from.ToString();
    }
}
