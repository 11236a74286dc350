#include "contract/testing.h"

#include <gmock/gmock.h>

namespace forebay {

using testing::HasSubstr;

void ExpectDiagnostic(const DiagnosticCase& c) {
  const std::string yaml = Replaced(c.line, c.replacement);
  const Result<Contract> contract = ParseContract(yaml, "test.yaml");
  ASSERT_FALSE(contract.ok()) << yaml;
  EXPECT_EQ(contract.error().code(), ErrorCode::kInvalidArgument);
  const std::string& message = contract.error().message();
  EXPECT_EQ(message.find('\n'), std::string::npos) << "one diagnostic makes one line:\n" << message;
  EXPECT_THAT(message, testing::StartsWith("test.yaml:" + std::to_string(c.diagnostic_line) + ": "));
  EXPECT_THAT(message, HasSubstr("; "));
  for (const std::string& part : c.parts) EXPECT_THAT(message, HasSubstr(part));
}

}  // namespace forebay
