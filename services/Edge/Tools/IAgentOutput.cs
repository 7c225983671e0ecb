using Gateway.Dialects.Chat;

namespace Gateway.Edge.Tools;

/// <summary>What the caller is sent of a loop: a stream as it goes, or one answer at its end.</summary>
internal interface IAgentOutput
{
    /// <summary>Takes the answer of a turn. Calls of the hub's tools are kept back until it is known whether they are run.</summary>
    ValueTask<TurnEnd> TakeAsync(TurnHttp turn);

    /// <summary>Shows that something is still being done.</summary>
    ValueTask KeepAliveAsync();

    /// <summary>Ends the answer. Calls that were kept back and not run are handed to the caller.</summary>
    ValueTask EndAsync();

    /// <summary>Answers with calls alone, without any turn of the model: those of the request wait still.</summary>
    ValueTask HandBackAsync(IReadOnlyList<ToolCallPart> calls);
}

/// <summary>How a turn ended.</summary>
/// <param name="Said">What the model said, its calls included; null when there was no answer, and the caller has been told.</param>
/// <param name="Calls">Calls of the hub's tools that may be run; empty when the answer ends here.</param>
internal readonly record struct TurnEnd(ChatMessage? Said, IReadOnlyList<ToolCallPart> Calls)
{
    /// <summary>Nothing goes on: the turn failed, and the caller has been told.</summary>
    public static TurnEnd Failed { get; } = new(null, []);

    /// <summary>What a choice is to the loop: a turn is run whole or not at all.</summary>
    public static TurnEnd Of(ChatChoice choice, AgentRun run)
    {
        var said = new ChatMessage(ChatRole.Assistant);
        said.Parts.AddRange(choice.Parts);
        var calls = choice.Parts.OfType<ToolCallPart>().ToList();
        // An answer that was cut or filtered may have half a call; and one of the caller's own only he can answer.
        var mayRun = choice.Finish is FinishReason.ToolCalls or FinishReason.Stop or FinishReason.Pause && calls.TrueForAll(c => run.Tools.ContainsKey(c.Name));
        return new TurnEnd(said, mayRun ? calls : []);
    }
}
