using System.Text;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Tests.Pairs;

/// <summary>What a request says in every dialect: instructions, conversation, calls and results, and the tools' names. White space is no difference.</summary>
internal static class RequestDigest
{
    /// <summary>The tool by which Anthropic's models give structured answers, and what they are told of it, say nothing of the caller's.</summary>
    private const string FormTool = "gateway_structured_output";

    private const string FormInstruction = "Answer with one JSON object and nothing else";

    /// <summary>What stands where a dialect demands a user who has not said anything.</summary>
    private const string Nothing = ".";

    /// <param name="request">The request.</param>
    /// <param name="plans">True for a dialect in which what is said before a call is the plan, which is read as reasoning.</param>
    public static string Of(ChatRequest request, bool plans = false)
    {
        var text = new StringBuilder("system: ");
        var conversation = request.Messages.Where(static m => m.Role is not (ChatRole.System or ChatRole.Developer) && m.Parts.Exists(IsSaid)).ToList();
        if (conversation.Count == 0)
        {
            // Some dialects cannot be asked with nothing but instructions: they are what the user says.
            text.Append("\nUser: ");
        }

        foreach (var message in request.Messages.Where(static m => m.Role is ChatRole.System or ChatRole.Developer))
        {
            Parts(text, message.Parts, plans);
        }

        ChatRole? last = null;
        foreach (var message in conversation)
        {
            if (message.Role != last)
            {
                text.Append('\n').Append(message.Role).Append(": ");
                last = message.Role;
            }

            Parts(text, message.Parts, plans);
        }

        text.Append("\ntools:");
        // Tools that must not be called need not be sent.
        foreach (var tool in request.Tools.Where(t => request.ToolChoice?.Mode != ToolChoiceMode.None && t.Kind == ToolKind.Function && t.Name != FormTool))
        {
            text.Append(' ').Append(tool.Name);
        }

        return text.ToString();
    }

    private static bool IsSaid(ContentPart part) => part is TextPart { Text: not ("" or Nothing) } or RefusalPart or MediaPart or ToolCallPart or ToolResultPart;

    private static void Parts(StringBuilder text, List<ContentPart> parts, bool plans)
    {
        foreach (var part in parts)
        {
            switch (part)
            {
                case TextPart said when said.Text.Contains(FormTool, StringComparison.Ordinal) || said.Text.StartsWith(FormInstruction, StringComparison.Ordinal):
                    break;
                case TextPart said:
                    Squeezed(text, said.Text);
                    break;
                case ReasoningPart plan when plans:
                    Squeezed(text, plan.Text);
                    break;
                case RefusalPart refused:
                    Squeezed(text, refused.Text);
                    break;
                case MediaPart media:
                    text.Append('[').Append(media.Kind).Append(']');
                    break;
                case ToolCallPart call:
                    text.Append('[').Append(AnswerDigest.Call(call.Name, call.Arguments, call.IsCustom)).Append(']');
                    break;
                case ToolResultPart result:
                    text.Append("[result ");
                    // Some dialects have results as JSON, in which a character can be written in several ways.
                    Parts(text, result.Content is [TextPart { Text: ['{' or '[', ..] } json] ? [new TextPart(AnswerDigest.Canonical(json.Text))] : result.Content, plans);
                    text.Append(']');
                    break;
            }
        }
    }

    private static void Squeezed(StringBuilder text, string said)
    {
        foreach (var c in said.Where(static c => !char.IsWhiteSpace(c)))
        {
            text.Append(c);
        }
    }
}
