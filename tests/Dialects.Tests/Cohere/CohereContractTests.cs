using Gateway.Dialects.Chat;
using Gateway.Dialects.Cohere;
using Gateway.Dialects.Tests.Contract;
using static Gateway.Dialects.Tests.Contract.DialectFeatures;

namespace Gateway.Dialects.Tests.Cohere;

public sealed class CohereContractTests : DialectContractTests<CohereDialect>
{
    protected override CohereDialect Dialect => CohereDialect.Instance;

    protected override DialectFeatures RequestFeatures => TopK | Seed | Penalties | Stop | JsonObject | JsonSchema | ReasoningBudget | Images | ImageUrls | CallIds | StrictTools;

    protected override DialectFeatures AnswerFeatures => Reasoning | WebCitations | CacheRead | CallIds;

    protected override ChatRequest Expected(ChatRequest request)
    {
        request.TopP = request.TopP is { } p ? Math.Min(p, 0.99) : null;
        // The dialect cannot name a tool, knows strictness for all tools only, and asks for nothing where the model may choose.
        var tools = request.Tools.FindAll(t => request.ToolChoice?.Name is not { } name || t.Name == name);
        var strict = tools.Exists(static t => t.Strict == true) ? true : (bool?)null;
        request.Tools.Clear();
        request.Tools.AddRange(tools.Select(t => new ToolDefinition { Name = t.Name, Description = t.Description, Parameters = t.Parameters, Strict = strict }));
        request.ToolChoice = request.ToolChoice?.Mode switch
        {
            ToolChoiceMode.Named or ToolChoiceMode.Required => new ToolChoice { Mode = ToolChoiceMode.Required },
            ToolChoiceMode.None => new ToolChoice { Mode = ToolChoiceMode.None },
            _ => null,
        };
        foreach (var message in request.Messages.Where(static m => m.Role == ChatRole.Assistant && m.Parts.Exists(static p => p is ToolCallPart)))
        {
            // What is said before tools are called is their plan.
            message.Parts[0] = new ReasoningPart { Text = ((TextPart)message.Parts[0]).Text, Signature = CohereReasoning.Plan };
        }

        return request;
    }

    protected override ChatAnswer Expected(ChatAnswer answer, bool streamed)
    {
        foreach (var reasoning in answer.Choices.SelectMany(static c => c.Parts).OfType<ReasoningPart>())
        {
            reasoning.Signature = CohereReasoning.Thinking;
        }

        return answer;
    }
}
