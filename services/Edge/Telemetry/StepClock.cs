using System.Runtime.CompilerServices;
using System.Text.Json;
using Gateway.Edge.Errors;

namespace Gateway.Edge.Telemetry;

/// <summary>When the steps of one request ended, in microseconds since it came; 0 for a step that was not run. Only requests whose steps somebody wants have one.</summary>
internal sealed class StepClock
{
    private Ends _ends;

    /// <summary>When the call began that answered; 0 while none did.</summary>
    public uint CallStarted { get; set; }

    /// <summary>True when the steps are counted in metrics.</summary>
    public bool IsCounted { get; init; }

    /// <summary>The steps in the order they are run, with their names in metrics and traces. The body's arrival is no step of the gateway's.</summary>
    public static readonly (Step Step, string Name)[] Order =
    [
        (Step.Identify, "identify"),
        (Step.Http, "receive"),
        (Step.Envelope, "envelope"),
        (Step.Authorize, "authorize"),
        (Step.Admit, "admit"),
        (Step.GuardInput, "guard_input"),
        (Step.Cache, "cache"),
        (Step.Route, "route"),
        (Step.Call, "call"),
        (Step.GuardOutput, "answer"),
        (Step.Settle, "settle"),
    ];

    /// <summary>Notes that a step has ended.</summary>
    /// <param name="step">The step; <see cref="Step.Http"/> stands for the arrival of the body.</param>
    /// <param name="micros">Microseconds since the request came.</param>
    public void End(Step step, long micros) => _ends[(int)step] = (uint)Math.Clamp(micros, 1, uint.MaxValue);

    /// <summary>When a step ended; 0 for one that was not run.</summary>
    public long At(Step step) => _ends[(int)step];

    /// <summary>The steps that were run, each with its begin and its end.</summary>
    public Walk Each() => new(this);

    /// <summary>Writes the steps as members of an object: each with its name, its begin and its end, and when the call began that answered.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("steps"u8);
        foreach (var (_, name, from, to) in Each())
        {
            writer.WriteStartArray();
            writer.WriteStringValue(name);
            writer.WriteNumberValue(from);
            writer.WriteNumberValue(to);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        if (CallStarted != 0)
        {
            writer.WriteNumber("callStarted"u8, CallStarted);
        }
    }

    /// <summary>Goes through the steps that were run.</summary>
    public struct Walk(StepClock clock)
    {
        private readonly StepClock _clock = clock;
        private int _next;
        private long _last;

        /// <summary>The step.</summary>
        public (Step Step, string Name, long From, long To) Current { get; private set; }

        public readonly Walk GetEnumerator() => this;

        public bool MoveNext()
        {
            while (_next < Order.Length)
            {
                var (step, name) = Order[_next++];
                var at = _clock.At(step);
                if (at == 0)
                {
                    continue;
                }

                // A step that is run inside another one, or again, ends out of turn.
                Current = (step, name, Math.Min(_last, at), at);
                _last = Math.Max(_last, at);
                return true;
            }

            return false;
        }
    }

    [InlineArray((int)Step.Settle + 1)]
    private struct Ends
    {
        private uint _first;
    }
}
