using Gateway.LlmSimulator.Answers;
using Gateway.LlmSimulator.Behaviour;
using Gateway.LlmSimulator.Control;

namespace Gateway.LlmSimulator.Serving;

/// <summary>One answer to give.</summary>
/// <param name="Number">The request's number, from 1.</param>
/// <param name="Behaviour">How to give it.</param>
/// <param name="Plan">What a stream is written from; null for an error.</param>
/// <param name="Body">The whole body of an answer that is not a stream.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Account">Who pays.</param>
internal sealed record Work(long Number, SimulatorBehaviour Behaviour, AnswerPlan? Plan, ReadOnlyMemory<byte> Body, int Status, Ledger.Account? Account)
{
    public static Work Error(long number, SimulatorBehaviour behaviour, int status, string? code, string? message)
        => new(number, behaviour, null, ErrorAnswer.Write(status, code, message), status, null);

    public bool IsStream => Plan is { Stream: true } && !Behaviour.Html && !Behaviour.Empty;
}
