using System.Text;
using System.Text.Json;
using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.Guardrails.Engine;

namespace Gateway.Edge.Guarding.Output;

/// <summary>
/// Guards one choice of an answer, event by event. Texts pass as soon as no rule can find anything in them any more; a tool call passes whole, or not at all, since nobody can act on a
/// part of it. What comes after a held call waits, so that the order of parts stays.
/// </summary>
internal sealed class ChoiceGuard(int choice, EventGuard owner)
{
    private readonly Dictionary<int, OutputChannel> _channels = [];
    private Queue<ChatEvent> _waiting = new();
    private ChatEvent? _call;
    private StringBuilder? _arguments;
    private List<ChatEvent>? _callDeltas;
    private int _nextPart;

    /// <summary>True once the choice has come to its end, by itself or by a rule.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Takes one event of the choice.</summary>
    public void Take(in ChatEvent e, List<ChatEvent> output)
    {
        if (IsOver)
        {
            return;
        }

        if (_call is { } call)
        {
            if (e.Part == call.Part && e.Kind is ChatEventKind.Delta or ChatEventKind.PartEnd)
            {
                HoldCall(call, e, output);
            }
            else
            {
                _waiting.Enqueue(e);
                owner.Hold(e.Text?.Length ?? 0);
            }

            return;
        }

        switch (e.Kind)
        {
            case ChatEventKind.PartStart:
                StartPart(e, output);
                break;
            case ChatEventKind.Delta:
                PassDelta(e, output);
                break;
            case ChatEventKind.PartEnd:
                EndPart(e, output);
                break;
            case ChatEventKind.Finish:
                IsOver = true;
                output.Add(e);
                break;
        }

        if (owner.IsOverfull && !IsOver)
        {
            Fail(output);
        }
    }

    /// <summary>Ends the choice: what a rule forbids begins here.</summary>
    public void Stop(GuardOutcome outcome, List<ChatEvent> output, PartKind? open = null, int part = 0)
    {
        IsOver = true;
        _waiting.Clear();
        (_call, _arguments, _callDeltas) = (null, null, null);
        foreach (var (other, channel) in _channels.Where(c => open is null || c.Key != part))
        {
            channel.Dispose();
            owner.Note(channel.Outcome);
            output.Add(new ChatEvent { Kind = ChatEventKind.PartEnd, Choice = choice, Part = other, PartKind = owner.KindOf(choice, other) });
        }

        _channels.Clear();
        if (open is { } kind)
        {
            output.Add(new ChatEvent { Kind = ChatEventKind.PartEnd, Choice = choice, Part = part, PartKind = kind });
        }

        if (outcome.Message is { } message)
        {
            var last = new ChatEvent { Kind = ChatEventKind.PartStart, Choice = choice, Part = _nextPart, PartKind = PartKind.Refusal };
            output.Add(last);
            output.Add(last with { Kind = ChatEventKind.Delta, Text = message });
            output.Add(last with { Kind = ChatEventKind.PartEnd });
        }

        output.Add(new ChatEvent { Kind = ChatEventKind.Finish, Choice = choice, Finish = FinishReason.ContentFilter, FinishDetail = "guardrail" });
        owner.Blocked();
    }

    private void StartPart(in ChatEvent e, List<ChatEvent> output)
    {
        _nextPart = Math.Max(_nextPart, e.Part + 1);
        owner.Opened(choice, e.Part, e.PartKind);
        switch (e.PartKind)
        {
            case PartKind.ToolCall:
                (_call, _arguments, _callDeltas) = (e, new StringBuilder(), []);
                return;
            case PartKind.Text or PartKind.Reasoning or PartKind.Refusal or PartKind.Audio:
                _channels[e.Part] = owner.Open(GuardrailScope.Output);
                break;
            case PartKind.Opaque when e.Raw is { } raw:
                PassOpaque(e, raw, output);
                return;
        }

        output.Add(e);
    }

    private void PassDelta(in ChatEvent e, List<ChatEvent> output)
    {
        if (!_channels.TryGetValue(e.Part, out var channel))
        {
            output.Add(e);
            return;
        }

        var isAudio = e.PartKind == PartKind.Audio;
        if ((isAudio ? e.Transcript : e.Text) is { } text)
        {
            var before = channel.Held;
            var passed = channel.Push(text);
            owner.Hold(channel.Held - before);
            Emit(e, passed, isAudio, output);
        }
        else
        {
            Emit(e, "", isAudio, output);
        }

        if (channel.IsStopped)
        {
            StopAt(e, channel, output);
        }
    }

    private void Emit(in ChatEvent e, string passed, bool isAudio, List<ChatEvent> output)
    {
        // Probabilities of tokens would tell the tokens.
        var delta = isAudio ? e with { Transcript = passed.Length > 0 ? passed : null } : e with { Text = passed.Length > 0 ? passed : null, Raw = owner.Changes ? null : e.Raw };
        if (delta.Citation is { } citation)
        {
            delta = delta with { Citation = owner.Guard(citation) };
        }

        if (delta.Signature is not null && owner.Changes)
        {
            owner.Keep(choice, e.Part, delta.Signature);
            delta = delta with { Signature = null };
        }

        if (delta.Text is not null || delta.Transcript is not null || delta.Citation is not null || delta.Raw is not null || delta.Signature is not null || delta.Encrypted is not null)
        {
            output.Add(delta);
        }
    }

    private void EndPart(in ChatEvent e, List<ChatEvent> output)
    {
        if (!_channels.TryGetValue(e.Part, out var channel))
        {
            output.Add(e);
            return;
        }

        owner.Hold(-channel.Held);
        var rest = channel.Complete();
        if (rest.Length > 0)
        {
            var delta = new ChatEvent { Kind = ChatEventKind.Delta, Choice = choice, Part = e.Part, PartKind = e.PartKind };
            output.Add(e.PartKind == PartKind.Audio ? delta with { Transcript = rest } : delta with { Text = rest });
        }

        if (channel.IsStopped)
        {
            StopAt(e, channel, output);
            return;
        }

        _channels.Remove(e.Part);
        owner.Close(channel);
        var signature = e.Signature ?? owner.Kept(choice, e.Part);
        output.Add(e with { Signature = channel.IsRewritten ? null : signature });
    }

    private void StopAt(in ChatEvent e, OutputChannel channel, List<ChatEvent> output)
    {
        var outcome = channel.Outcome;
        owner.Close(channel);
        _channels.Remove(e.Part);
        Stop(outcome, output, e.PartKind, e.Part);
    }

    private void HoldCall(in ChatEvent call, in ChatEvent e, List<ChatEvent> output)
    {
        if (e.Kind == ChatEventKind.Delta)
        {
            _arguments!.Append(e.Text);
            owner.Hold(e.Text?.Length ?? 0);
            if (e.Signature is not null || e.Encrypted is not null)
            {
                _callDeltas!.Add(e with { Text = null });
            }

            if (owner.IsOverfull)
            {
                Fail(output);
            }

            return;
        }

        var (arguments, deltas) = (_arguments!.ToString(), _callDeltas!);
        owner.Hold(-arguments.Length);
        (_call, _arguments, _callDeltas) = (null, null, null);
        using var channel = owner.Open(GuardrailScope.ToolCall, call.Name, isJson: !call.Flag);
        var passed = channel.Push(arguments) + channel.Complete();
        owner.Close(channel);
        if (channel.IsStopped)
        {
            Stop(channel.Outcome, output);
            return;
        }

        output.Add(call);
        if (passed.Length > 0)
        {
            output.Add(new ChatEvent { Kind = ChatEventKind.Delta, Choice = choice, Part = call.Part, PartKind = PartKind.ToolCall, Text = passed });
        }

        output.AddRange(deltas);
        output.Add(e);
        var waiting = _waiting;
        _waiting = new Queue<ChatEvent>();
        while (waiting.TryDequeue(out var next))
        {
            owner.Hold(-(next.Text?.Length ?? 0));
            Take(next, output);
        }
    }

    private void PassOpaque(in ChatEvent e, JsonElement raw, List<ChatEvent> output)
    {
        using var channel = owner.Open(GuardrailScope.Output, e.Name, isJson: true);
        var text = raw.GetRawText();
        var passed = channel.Push(text) + channel.Complete();
        owner.Close(channel);
        if (channel.IsStopped)
        {
            Stop(channel.Outcome, output);
        }
        else
        {
            output.Add(passed == text ? e : e with { Raw = JsonElement.Parse(passed) });
        }
    }

    private void Fail(List<ChatEvent> output) =>
        Stop(new GuardOutcome { Verdict = GuardVerdict.Block, Texts = [], IsFailure = true }, output);
}
