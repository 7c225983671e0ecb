using Gateway.Contracts.Configuration;

namespace Gateway.Guardrails.Engine.Json;

/// <summary>What a JSON value is, which says how its texts are told apart.</summary>
public enum JsonShape
{
    /// <summary>Any value, such as arguments: one text, so that the name of a member counts as context of what it holds.</summary>
    Value = 1,

    /// <summary>
    /// The result of an MCP request: texts of content blocks, of resources and of prompts each by itself; <c>data</c> and <c>blob</c> beside a <c>mimeType</c> are media and are passed over; whatever
    /// else there is, such as <c>structuredContent</c>, as <see cref="Value"/>.
    /// </summary>
    ToolResult = 2,
}

/// <summary>Where a JSON value stands.</summary>
/// <param name="Scope">Where: <see cref="GuardrailScope.Mcp"/>, <see cref="GuardrailScope.ToolCall"/> or <see cref="GuardrailScope.ToolResult"/>.</param>
/// <param name="Source">Who wrote it.</param>
/// <param name="Tool">The tool, as policies name it; null where there is none.</param>
public readonly record struct JsonPlace(GuardrailScope Scope, GuardSource Source, string? Tool = null);
