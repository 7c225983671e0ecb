using Gateway.LlmSimulator.Control;

namespace Gateway.LlmSimulator.Answers;

/// <summary>Whole JSON answers of chat and text completions.</summary>
internal static class PlainAnswer
{
    public static void Write(Utf8Buffer to, AnswerPlan plan)
    {
        var chat = plan.Operation == Operation.Chat;
        Head(to, plan, chat ? "chat.completion" : "text_completion");
        _ = to.Add(",\"choices\":[{\"index\":0,"u8);
        if (!chat)
        {
            _ = to.Add("\"text\":\""u8);
            Text(to, plan.Pieces);
            _ = to.Add("\","u8);
        }
        else
        {
            Message(to, plan);
        }

        _ = to.Add("\"logprobs\":null,\"finish_reason\":\""u8).Add(plan.FinishGiven).Add("\"}]"u8);
        if (plan.Behaviour.Usage)
        {
            _ = to.Add(",\"usage\":"u8);
            Usage(to, plan, plan.CompletionTokens);
        }

        Extra(to, plan);
        if (plan.Behaviour.Huge > to.Length)
        {
            var padding = plan.Behaviour.Huge - to.Length - 18;
            _ = to.Add(",\"obfuscation\":\""u8).Fill((byte)'x', padding).Add("\""u8);
        }

        _ = to.Add("}"u8);
    }

    public static void Head(Utf8Buffer to, AnswerPlan plan, string kind)
        => to.Add("{\"id\":\""u8).Add(plan.Operation == Operation.Chat ? "chatcmpl-" : "cmpl-").Add(plan.Id).Add("\",\"object\":\""u8).Add(kind)
            .Add("\",\"created\":"u8).Add(AnswerPlan.Created).Add(",\"model\":\""u8).Add(plan.Model).Add("\",\"system_fingerprint\":\"fp_sim\""u8);

    public static void Usage(Utf8Buffer to, AnswerPlan plan, int completionTokens)
    {
        _ = to.Add("{\"prompt_tokens\":"u8).Add(plan.PromptTokens);
        if (plan.Operation != Operation.Embedding)
        {
            _ = to.Add(",\"completion_tokens\":"u8).Add(completionTokens);
        }

        _ = to.Add(",\"total_tokens\":"u8).Add(plan.PromptTokens + completionTokens);
        if (plan.Operation == Operation.Chat)
        {
            var classes = plan.Classes ?? TokenClasses.None;
            _ = to.Add(",\"prompt_tokens_details\":{\"cached_tokens\":"u8).Add(classes.CacheRead).Add(",\"audio_tokens\":"u8).Add(classes.AudioInput)
                .Add("},\"completion_tokens_details\":{\"reasoning_tokens\":"u8).Add(classes.Reasoning).Add(",\"audio_tokens\":"u8).Add(classes.AudioOutput)
                .Add(",\"accepted_prediction_tokens\":0,\"rejected_prediction_tokens\":0}"u8);
        }

        _ = to.Add("}"u8);
    }

    /// <summary>Fields no client knows: a number beyond 2^53, a nested object and escapes, all of which must pass unchanged.</summary>
    public static void Extra(Utf8Buffer to, AnswerPlan plan)
    {
        if (plan.Behaviour.Extra)
        {
            _ = to.Add(",\"x_extra\":{\"big\":12345678901234567890,\"precise\":1.10,\"text\":\"\\u00e9\\/\\n\",\"list\":[null,true,{}]}"u8);
        }
    }

    private static void Message(Utf8Buffer to, AnswerPlan plan)
    {
        _ = to.Add("\"message\":{\"role\":\"assistant\","u8);
        if (plan.Thinking.Length > 0)
        {
            _ = to.Add("\"reasoning_content\":\""u8);
            Text(to, plan.Thinking);
            _ = to.Add("\","u8);
        }

        _ = to.Add("\"content\":"u8);
        if (plan.Refused)
        {
            _ = to.Add("null,\"refusal\":\""u8);
            Text(to, plan.Pieces);
            _ = to.Add("\"},"u8);
            return;
        }

        if (plan.ToolCalls.Count == 0)
        {
            _ = to.Add("\""u8);
            Text(to, plan.Pieces);
            _ = to.Add("\""u8);
        }
        else
        {
            _ = to.Add("null,\"tool_calls\":["u8);
            for (var i = 0; i < plan.ToolCalls.Count; i++)
            {
                var call = plan.ToolCalls[i];
                _ = to.Add(i == 0 ? "{\"id\":\"" : ",{\"id\":\"").Add(call.Id).Add("\",\"type\":\"function\",\"function\":{\"name\":\""u8).Add(call.Name).Add("\",\"arguments\":\""u8);
                Text(to, call.ArgumentPieces);
                _ = to.Add("\"}}"u8);
            }

            _ = to.Add("]"u8);
        }

        _ = to.Add(",\"refusal\":null},"u8);
    }

    private static void Text(Utf8Buffer to, byte[][] pieces)
    {
        foreach (var piece in pieces)
        {
            _ = to.Add(piece);
        }
    }
}
