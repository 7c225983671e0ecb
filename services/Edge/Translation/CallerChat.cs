using Gateway.Dialects.Chat;

namespace Gateway.Edge.Translation;

/// <summary>The caller's chat request in no dialect: read once, and used by every attempt that has to translate it.</summary>
/// <param name="Request">The request; meaningless when there is a problem.</param>
/// <param name="Problem">What is wrong with it, or null.</param>
internal sealed record CallerChat(ChatRequest Request, DialectProblem? Problem)
{
    public static CallerChat Read(DialectId dialect, ReadOnlyMemory<byte> body, in RequestLocation location)
    {
        var problem = ChatDialects.Get(dialect).ReadRequest(body, location, out var request);
        return new CallerChat(request, problem);
    }
}
