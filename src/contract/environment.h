// Environment variables in the text of a contract: ${TOPIC:-shop.clicks} and ${TOPIC}.
#pragma once

#include <string>
#include <string_view>

#include "contract/diagnostics.h"

namespace forebay {

// The text with the value of each variable, or with its default if the variable is not set or empty.
// $${TOPIC} stands for ${TOPIC} itself. A variable that has neither stays as it is, with a note; a value of
// several lines is a diagnostic. Reads the environment, so that it is not to be called while another thread
// changes that.
std::string WithEnvironment(std::string_view yaml, Diagnostics& diagnostics);

}  // namespace forebay
