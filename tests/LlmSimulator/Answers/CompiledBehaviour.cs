using System.Text;
using System.Text.Encodings.Web;
using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator.Answers;

/// <summary>A behaviour with what its answers have in common already made.</summary>
internal sealed class CompiledBehaviour
{
    public CompiledBehaviour(SimulatorBehaviour behaviour)
    {
        Behaviour = behaviour;
        IsPlainImmediate = behaviour.IsPlainImmediate;
        Pieces = behaviour.Text is null
            ? Words.Draw(behaviour.Seed, behaviour.Tokens)
            : Words.Split(Encoding.UTF8.GetBytes(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(behaviour.Text)));
        Text = [.. Pieces.SelectMany(p => p)];
    }

    private CompiledBehaviour(CompiledBehaviour from, SimulatorBehaviour behaviour) => (Behaviour, Pieces, Text) = (behaviour, from.Pieces, from.Text);

    public SimulatorBehaviour Behaviour { get; }

    public bool IsPlainImmediate { get; }

    /// <summary>The tokens, escaped for JSON.</summary>
    public byte[][] Pieces { get; }

    /// <summary>All tokens in one.</summary>
    public byte[] Text { get; }

    /// <summary>The same with the fault that this request draws; itself when it draws none.</summary>
    public CompiledBehaviour Faulty(long number) => FaultDraw.Of(Behaviour, Pieces.Length, number) is { } faulty ? new CompiledBehaviour(this, faulty) : this;
}
