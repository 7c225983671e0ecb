using System.Diagnostics;
using Gateway.LlmSimulator.Answers;
using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator.Serving;

/// <summary>How sending a body ended, or that it goes on.</summary>
internal enum Sent
{
    Open,
    Truncated,
    Cut,
    ClientLeft,
}

/// <summary>Sends a body the way a behaviour wants it cut up, slowed down and broken off.</summary>
internal sealed class BodySender(IWire wire, SimulatorBehaviour behaviour, Pacer pacer)
{
    private const int SlowPiece = 16;

    private readonly Pacer.Sleeper _sleeper = new();
    private readonly int _piece = behaviour.Chunk > 0 ? behaviour.Chunk : behaviour.SlowBodyMs > 0 ? SlowPiece : int.MaxValue;
    private readonly long _limit = Math.Min(behaviour.Cut ?? long.MaxValue, behaviour.Truncate ?? long.MaxValue);
    private readonly bool _limitIsCut = behaviour.Cut is { } cut && cut <= (behaviour.Truncate ?? long.MaxValue);
    private long _sent;
    private long _cuts;

    /// <summary>Whether the limit is already reached, which a cut or truncation at 0 is from the start.</summary>
    public Sent State { get; private set; }

    public async ValueTask<Sent> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        var left = (int)Math.Min(bytes.Length, _limit - _sent);
        bytes = bytes[..left];
        while (!bytes.IsEmpty)
        {
            if (behaviour.SlowBodyMs > 0 && _sent > 0)
            {
                await pacer.Until(Stopwatch.GetTimestamp() + (behaviour.SlowBodyMs * Stopwatch.Frequency / 1000), _sleeper).ConfigureAwait(false);
            }

            var piece = bytes[..Math.Min(bytes.Length, NextPiece())];
            if (!await wire.WriteAsync(piece).ConfigureAwait(false))
            {
                return State = Sent.ClientLeft;
            }

            _sent += piece.Length;
            bytes = bytes[piece.Length..];
        }

        return _sent < _limit ? Sent.Open : State = _limitIsCut ? Sent.Cut : Sent.Truncated;
    }

    /// <summary>A seed's cuts: mostly of a few bytes, so that they fall inside frames, lines and characters, with long ones between.</summary>
    private int NextPiece()
    {
        if (behaviour.Recut is not { } seed)
        {
            return _piece;
        }

        var draw = Dice.Draw(seed, _cuts++);
        return 1 + (int)((draw >> 8) % (draw % 4 == 0 ? 2_000u : 40u));
    }
}
