using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Gateway.LlmSimulator.Answers;
using Gateway.LlmSimulator.Behaviour;
using Gateway.LlmSimulator.Control;

namespace Gateway.LlmSimulator.Serving;

/// <summary>A model name as asked for: who pays, what is echoed, and how it behaves.</summary>
internal sealed class Model(string name, string knobs, Ledger.Account account)
{
    // The behaviour compiled last and what it came from; both are immutable, so a race only compiles twice.
    private Compiled? _compiled;

    /// <summary>The name without knobs, escaped for JSON.</summary>
    public byte[] Name { get; } = JsonEncodedText.Encode(name).EncodedUtf8Bytes.ToArray();

    public Ledger.Account Account => account;

    /// <summary>How it behaves on top of <paramref name="defaults"/>.</summary>
    public Compiled Compile(SimulatorBehaviour defaults)
    {
        var last = _compiled;
        if (last is not null && ReferenceEquals(last.From, defaults))
        {
            return last;
        }

        if (!BehaviourKnobs.TryApply(defaults, knobs, out var behaviour, out var wrong))
        {
            return _compiled = new Compiled(defaults, null, null, wrong);
        }

        var result = new CompiledBehaviour(behaviour);
        return _compiled = new Compiled(defaults, result, PlainTemplate.TryMake(result, Name, out var template) ? template : null, null);
    }

    /// <summary>A result, with its template if plain answers need no more; or an error about the model's knobs.</summary>
    internal sealed record Compiled(SimulatorBehaviour From, CompiledBehaviour? Result, PlainTemplate? Template, string? Error);
}

/// <summary>The models asked for so far.</summary>
internal sealed class Models(Ledger ledger)
{
    private const int MaxRemembered = 10_000;
    private const int MaxStackName = 512;

    private readonly ConcurrentDictionary<string, Model> _byName = new(StringComparer.Ordinal);

    public Model Find(ReadOnlySpan<byte> rawName)
    {
        if (rawName.Length <= MaxStackName)
        {
            Span<char> chars = stackalloc char[MaxStackName];
            var length = Encoding.UTF8.GetChars(rawName, chars);
            if (_byName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(chars[..length], out var known))
            {
                return known;
            }
        }

        // Names may hold JSON escapes (an escaped slash or ampersand): as a JSON string they mean the plain name.
        var raw = Encoding.UTF8.GetString(rawName);
        var name = raw.Contains('\\', StringComparison.Ordinal) ? JsonDocument.Parse("\"" + raw + "\"").RootElement.GetString()! : raw;
        var question = name.IndexOf('?', StringComparison.Ordinal);
        var plain = question < 0 ? name : name[..question];
        var model = new Model(plain, question < 0 ? Replays.KnobsOf(name) ?? "" : name[(question + 1)..], ledger.AccountOf(plain));
        if (_byName.Count < MaxRemembered)
        {
            _byName[raw] = model;
        }

        return model;
    }
}
