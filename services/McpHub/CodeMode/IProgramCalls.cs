using System.Text.Json;

namespace Gateway.McpHub.CodeMode;

/// <summary>Makes the calls of programs; each is authorised at the moment it is made.</summary>
internal interface IProgramCalls
{
    /// <summary>Makes a call.</summary>
    /// <param name="tool">The tool.</param>
    /// <param name="argumentsJson">Its arguments, a JSON object.</param>
    /// <param name="cancellationToken">Ends it: the caller has left, or the program's time is up.</param>
    ValueTask<ProgramAnswer> CallAsync(ProgramTool tool, ReadOnlyMemory<byte> argumentsJson, CancellationToken cancellationToken);
}

/// <summary>What came of a call.</summary>
/// <param name="Value">What the tool gave; ignored with an error.</param>
/// <param name="Error">Why it failed, in words for the program and its author; null when it did not.</param>
/// <param name="WasMade">False when the call was refused before it was made, so that it costs nothing.</param>
internal sealed record ProgramAnswer(JsonElement Value, string? Error = null, bool WasMade = true);
